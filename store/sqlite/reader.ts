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

/** What happens without being asked for. */
export interface ReaderEvents {
  /** The search index has taken in all changes to earlier messages up to this one. */
  followed(change: number): void;
  /** The search index could not follow; it tries again when there is something new. */
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
  #options: ReaderOptions;
  #events: ReaderEvents;
  #worker: Worker | undefined;
  #asked = new Map<number, Asked>();
  #lastId = 0;

  constructor(options: ReaderOptions, events: ReaderEvents) {
    this.#options = options;
    this.#events = events;
  }

  /** Asks, and waits for the answer. */
  ask<K extends keyof Questions>(
    kind: K,
    ask: Questions[K]["ask"],
  ): Promise<Questions[K]["answer"]> {
    const worker = this.#worker ?? this.#start();
    return this.#post(worker, kind, ask);
  }

  /** Says that there is something new for the search index. */
  follow(): void {
    const message: ToReader = { kind: "follow" };
    this.#worker?.postMessage(message);
  }

  /** Ends the thread after all that was asked is answered. */
  async close(): Promise<void> {
    if (this.#worker === undefined) return;
    await this.#post(this.#worker, "close", undefined);
    this.#worker.terminate();
    this.#worker = undefined;
  }

  #start(): Worker {
    const worker = new Worker(new URL("./reader_worker.ts", import.meta.url), { type: "module" });
    worker.onmessage = ({ data }: MessageEvent<FromReader>) => this.#receive(data);
    worker.onerror = (event) => {
      event.preventDefault();
      this.#fail(worker, event.message);
    };
    this.#worker = worker;
    this.#post(worker, "open", this.#options).catch((error) => this.#fail(worker, error.message));
    return worker;
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
