/**
 * The loop's end of the reader, whose work is done in another thread (`reader_worker.ts`).
 *
 * @module
 */
import type {
  FromReader,
  Question,
  Questions,
  ReaderOptions,
  ToReader,
} from "./reader_messages.ts";
import { reason } from "./open_error.ts";

/** What happens without being asked for. */
export interface ReaderEvents {
  /** The search index has taken in all changes to earlier messages up to this one. */
  followed(change: number): void;
  /** The search index or a checkpoint failed; it is tried again when there is something new. */
  stuck(message: string): void;
}

interface Asked {
  resolve(answer: Questions[keyof Questions]["answer"]): void;
  reject(error: Error): void;
}

/**
 * Asks the reader's thread.
 *
 * - Questions are answered in order.
 * - If the thread dies, what was asked is rejected and the next question starts a new one.
 */
export class Reader {
  #options: () => ReaderOptions;
  #events: ReaderEvents;
  #startThread: () => Worker;
  #worker: Worker | undefined;
  #asked = new Map<number, Asked>();
  #lastId = 0;

  /**
   * @param options asked for whenever a thread is started
   * @param startThread for tests
   */
  constructor(options: () => ReaderOptions, events: ReaderEvents, startThread = startReaderThread) {
    this.#options = options;
    this.#events = events;
    this.#startThread = startThread;
  }

  /** Starts the thread and waits until it can read. */
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
      this.#fail(worker, reason(error));
      throw error;
    }
    return worker;
  }

  /** Asks, and waits for the answer. */
  async ask<K extends keyof Questions>(
    kind: K,
    ask: Questions[K]["ask"],
  ): Promise<Questions[K]["answer"]> {
    return await this.#post(this.#worker ?? await this.open(), kind, ask);
  }

  /** Says that there is something new: about so many rows. */
  written(rows: number): void {
    const message: ToReader = { kind: "written", rows };
    this.#worker?.postMessage(message);
  }

  /** Ends the thread after all that was asked is answered. */
  async close(): Promise<void> {
    const worker = this.#worker;
    if (worker === undefined) return;
    this.#worker = undefined;
    // A thread that fails at this is gone as well.
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
      this.#asked.set(id, { resolve, reject });
      worker.postMessage({ id, kind, ask } as Question);
    });
  }

  #receive(message: FromReader): void {
    if (message.kind === "followed") return this.#events.followed(message.change);
    if (message.kind === "stuck") return this.#events.stuck(message.message);
    const asked = this.#asked.get(message.id);
    this.#asked.delete(message.id);
    if (message.kind === "answer") asked?.resolve(message.answer);
    else asked?.reject(new Error(message.message));
  }

  #fail(worker: Worker, message: string): void {
    worker.terminate();
    if (this.#worker === worker) this.#worker = undefined;
    const asked = [...this.#asked.values()];
    this.#asked.clear();
    for (const { reject } of asked) reject(new Error(`The reader failed: ${message}`));
  }
}

function startReaderThread(): Worker {
  return new Worker(new URL("./reader_worker.ts", import.meta.url), { type: "module" });
}
