/**
 * Bounds how much goes on at a time, in all and for each of many.
 *
 * @module
 */

/** How many may be inside; `Infinity`: any number. */
export interface GateLimits {
  readonly max: number;
  /** Of one key. */
  readonly maxEach: number;
}

/** Counts those inside. */
export class Gate {
  readonly #limits: GateLimits;
  readonly #each = new Map<string, number>();
  #count = 0;

  constructor(limits: GateLimits) {
    this.#limits = limits;
  }

  /** Those inside. */
  get count(): number {
    return this.#count;
  }

  /**
   * Lets one more in, who leaves when the result is disposed of; again has no effect.
   *
   * @param key empty: counts in all only
   * @returns `"full"` or `"key_full"` if there is no place
   */
  enter(key: string): Disposable | "full" | "key_full" {
    if (this.#count >= this.#limits.max) return "full";
    const inside = this.#each.get(key) ?? 0;
    if (key !== "" && inside >= this.#limits.maxEach) return "key_full";
    this.#count++;
    this.#each.set(key, inside + 1);
    let isInside = true;
    return {
      [Symbol.dispose]: () => {
        if (isInside) this.#leave(key);
        isInside = false;
      },
    };
  }

  #leave(key: string): void {
    this.#count--;
    const left = (this.#each.get(key) ?? 0) - 1;
    if (left > 0) this.#each.set(key, left);
    else this.#each.delete(key);
  }
}
