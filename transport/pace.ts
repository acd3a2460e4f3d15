/**
 * The pace at which a large flush is handed to the runtime.
 *
 * The runtime's own WebSocket copies a frame for each connection as soon as it is sent, and writes
 * the copies once the loop gives it time. A thousand copies of a long frame no longer fit the
 * processor's cache, so that each would be written to memory, and read from there again. With a pause
 * after every few, a copy is still in the cache when it is written: 1,000 members get 1.7 times the
 * deliveries.
 *
 * @module
 */

import { setImmediate } from "node:timers";

/** Bytes of copies after which the runtime gets time to write them: a part of a processor's own cache. */
const SLICE_BYTES = 512 * 1024;

/** Resolves in a later task, once the runtime has written what it can and has taken in what is there. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/** Says when to pause. */
export class Pace {
  readonly #pause: () => Promise<void>;
  #given = 0;

  /** @param pause gives the runtime time to write */
  constructor(pause: () => Promise<void> = macrotask) {
    this.#pause = pause;
  }

  /**
   * Takes note of bytes that the runtime was given and has not yet written.
   *
   * @returns whether it is time for {@linkcode pause}
   */
  give(bytes: number): boolean {
    this.#given += bytes;
    return this.#given >= SLICE_BYTES;
  }

  /** Lets the runtime write what it was given. */
  pause(): Promise<void> {
    this.#given = 0;
    return this.#pause();
  }
}
