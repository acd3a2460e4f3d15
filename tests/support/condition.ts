/**
 * A condition variable: tests wait until something holds, and whoever changes anything says so.
 *
 * @module
 */
import { DEADLINE, within } from "./within.ts";

/** Wakes everybody who waits, however many they are. */
export class Condition {
  #changed = Promise.withResolvers<void>();

  /** To be called after every change. */
  notify(): void {
    const { resolve } = this.#changed;
    this.#changed = Promise.withResolvers();
    resolve();
  }

  /**
   * Waits until `find` returns something other than `undefined`: now, or after a change.
   *
   * @param what completes "Waited … for …"
   * @throws {Error} if it still returns `undefined` at the deadline; whatever `find` throws
   */
  until<T extends NonNullable<unknown>>(
    what: string | (() => string),
    find: () => T | undefined,
    ms = DEADLINE,
  ): Promise<T> {
    return within(ms, what, this.#find(find));
  }

  async #find<T extends NonNullable<unknown>>(find: () => T | undefined): Promise<T> {
    for (;;) {
      const found = find();
      if (found !== undefined) return found;
      await this.#changed.promise;
    }
  }
}

/** The end of a long text, quoted: what an error shows of what arrived instead. */
export function tail(text: string): string {
  return JSON.stringify(text.length > 500 ? `…${text.slice(-500)}` : text);
}
