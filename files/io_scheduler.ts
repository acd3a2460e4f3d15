/**
 * Interleaves the disk work of uploads with the rest of the event loop, one piece at a time, so that any
 * number of uploads delays chat messages only briefly.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/**
 * Pause between two pieces while several uploads are waiting, in milliseconds. Timers round it up to
 * about two, so that all uploads together are limited to about 60 MB/s.
 */
const PAUSE_MS = 1;

/** A queue for pieces of disk work. First come, first served. */
export class IoScheduler {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Resolves when the caller may do its next piece, in a task of its own. */
  next(): Promise<void> {
    this.#waiting++;
    return this.#last = this.#last.then(() => this.#yield());
  }

  #yield(): Promise<void> {
    const isAlone = --this.#waiting === 0;
    return new Promise((resolve) => {
      if (isAlone) setImmediate(resolve);
      else setTimeout(resolve, PAUSE_MS);
    });
  }
}
