/**
 * The store's end of a reader, which works on another thread (`reader_worker.ts`).
 *
 * @module
 */
import { DamageError, reasonOf } from "../../sqlite/data_error.ts";
import type {
  FromReader,
  Question,
  Questions,
  ReaderOptions,
  ToReader,
} from "./reader_messages.ts";

/** The events of a reader. */
export interface ReaderEvents {
  /** All changes to earlier messages up to this one are indexed. */
  indexed(change: number): void;
  /** Indexing or a checkpoint failed; the next write triggers a retry. */
  stuck(message: string): void;
}

interface Pending {
  resolve(answer: Questions[keyof Questions]["answer"]): void;
  reject(error: Error): void;
}

/**
 * A reader's thread.
 *
 * - Questions are answered in order, except that `search`, `rooms` and `unread` may be answered late.
 * - If the thread dies, pending questions reject, and the next question starts a new thread.
 */
export class ReaderThread {
  #options: () => ReaderOptions;
  #events: ReaderEvents;
  #startThread: () => Worker;
  #worker: Worker | undefined;
  #pending = new Map<number, Pending>();
  #lastId = 0;

  /**
   * @param options called whenever a thread is started
   * @param startThread replaceable for tests
   */
  constructor(options: () => ReaderOptions, events: ReaderEvents, startThread = startReaderThread) {
    this.#options = options;
    this.#events = events;
    this.#startThread = startThread;
  }

  /** Starts the thread and waits until it has opened the database. */
  async open(): Promise<Worker> {
    const worker = this.#startThread();
    this.#worker = worker;
    worker.onmessage = ({ data }: MessageEvent<FromReader>) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(worker, event.message);
    };
    try {
      await this.#post(worker, "open", this.#options());
    } catch (error) {
      this.#fail(worker, reasonOf(error));
      throw error;
    }
    return worker;
  }

  /** Asks a question. Rejects if the reader fails to answer. */
  async ask<K extends keyof Questions>(
    kind: K,
    ask: Questions[K]["ask"],
  ): Promise<Questions[K]["answer"]> {
    return await this.#post(this.#worker ?? await this.open(), kind, ask);
  }

  /** Tells the reader that about so many pages were written. */
  written(pages: number): void {
    const message: ToReader = { kind: "written", pages };
    this.#worker?.postMessage(message);
  }

  /** Answers pending questions, then ends the thread. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    // A thread that fails to close ends too.
    await this.#post(worker, "close", undefined).catch(() => {});
    worker.terminate();
  }

  #post<K extends keyof Questions>(
    worker: Worker,
    kind: K,
    ask: Questions[K]["ask"],
  ): Promise<Questions[K]["answer"]> {
    return new Promise((resolve, reject) => {
      const id = ++this.#lastId;
      this.#pending.set(id, { resolve, reject });
      worker.postMessage({ id, kind, ask } as Question);
    });
  }

  #receive(message: FromReader): void {
    if (message.kind === "indexed") return this.#events.indexed(message.change);
    if (message.kind === "stuck") return this.#events.stuck(message.message);
    const pending = this.#pending.get(message.id);
    this.#pending.delete(message.id);
    if (message.kind === "answer") pending?.resolve(message.answer);
    else if (message.damaged) pending?.reject(new DamageError(message.message));
    else pending?.reject(new Error(message.message));
  }

  #fail(worker: Worker, message: string): void {
    worker.terminate();
    if (this.#worker === worker) this.#worker = undefined;
    const pending = [...this.#pending.values()];
    this.#pending.clear();
    for (const { reject } of pending) reject(new Error(`The reader failed: ${message}`));
  }
}

function startReaderThread(): Worker {
  return new Worker(new URL("./reader_worker.ts", import.meta.url), { type: "module" });
}
