/**
 * Runs the writes of a store one after the other, and remembers when one of them was lost.
 *
 * @module
 */
import { LostWriteError, reasonOf } from "../../sqlite/data_error.ts";
import { BusyError } from "./failures.ts";

/** Pause before a write is tried again, in milliseconds. */
const RETRY_MS = 1;

/** A write fails if the database is busy for so long, in milliseconds. */
const MAX_BUSY_MS = 5000;

/**
 * Writes in the order of the calls.
 *
 * - A write runs at once, unless the database is busy: then it and those after it wait, without blocking. That
 *   is so for a few milliseconds while a checkpoint is finished.
 * - After a write was lost, all later calls fail.
 */
export class WriteQueue {
  /** Resolves with the first `LostWriteError`. */
  readonly failed: Promise<LostWriteError>;
  #fail: (error: LostWriteError) => void;
  #failure: LostWriteError | undefined;
  #sync: () => Promise<void> | undefined;
  /** The last write that waits; never rejects. */
  #waiting: Promise<void> | undefined;
  #waitingCount = 0;

  /** @param sync resolves when all that was written is on the disk */
  constructor(sync: () => Promise<void> | undefined) {
    const { promise, resolve } = Promise.withResolvers<LostWriteError>();
    this.failed = promise;
    this.#fail = resolve;
    this.#sync = sync;
  }

  /** Number of writes, and of pauses, that have to end before the next write. */
  get waiting(): number {
    return this.#waitingCount;
  }

  /** Runs a write, which throws a {@linkcode BusyError} if it has to be tried again. */
  run<T>(write: () => T): T | Promise<T> {
    if (this.#waiting === undefined) {
      try {
        return write();
      } catch (error) {
        if (!(error instanceof BusyError)) throw this.#note(error);
      }
    }
    const result = this.#retry(this.#waiting, write);
    this.#waitFor(result);
    return result;
  }

  /** Has the writes from now on wait for so many milliseconds, without blocking. */
  pause(milliseconds: number): void {
    const pause = new Promise((resolve) => setTimeout(resolve, milliseconds));
    this.#waitFor(Promise.all([this.#waiting, pause]));
  }

  /** Makes what was written durable. */
  async sync(): Promise<void> {
    try {
      await this.#sync();
    } catch (error) {
      throw this.#note(
        error instanceof LostWriteError
          ? error
          : new LostWriteError(reasonOf(error), { cause: error }),
      );
    }
  }

  /** Resolves when all writes so far have ended. */
  async settled(): Promise<void> {
    await this.#waiting;
  }

  /** @throws {LostWriteError} if a write was lost */
  assertWorks(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  #waitFor(work: Promise<unknown>): void {
    this.#waitingCount++;
    const waiting = work.then(() => {}, () => {}).then(() => {
      this.#waitingCount--;
      if (this.#waiting === waiting) this.#waiting = undefined;
    });
    this.#waiting = waiting;
  }

  async #retry<T>(before: Promise<void> | undefined, write: () => T): Promise<T> {
    await before;
    for (const end = performance.now() + MAX_BUSY_MS;;) {
      this.assertWorks();
      try {
        return write();
      } catch (error) {
        if (!(error instanceof BusyError) || performance.now() > end) throw this.#note(error);
      }
      await new Promise((resolve) => setTimeout(resolve, RETRY_MS));
    }
  }

  #note(error: unknown): unknown {
    if (error instanceof LostWriteError && this.#failure === undefined) {
      this.#failure = error;
      this.#fail(error);
    }
    return error;
  }
}
