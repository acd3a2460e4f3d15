/**
 * Uploads take turns, one piece at a time, so that however many there are, what they do between two
 * messages of the chat is short.
 *
 * @module
 */
import { setImmediate } from "node:timers";

/**
 * Pause between two turns while several uploads want one, in milliseconds. Timers round it up to about
 * two, so that all uploads together come in at no more than 60 MB a second.
 */
const PAUSE_MS = 1;

/** A queue in front of what must not be done too much at a time. First come, first served. */
export class Turns {
  #last: Promise<void> = Promise.resolve();
  #waiting = 0;

  /** Resolves when it is the caller's turn, in a task of its own. */
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
