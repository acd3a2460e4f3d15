/**
 * A rate limit: so many a second on average, and so many at once.
 *
 * @module
 */

/** Allows `rate` takes a second on average and `burst` at once. */
export class TokenBucket {
  readonly #rate: number;
  /** Most tokens inside, and those inside: in thousandths, so that whole rates make whole numbers. */
  readonly #most: number;
  #inside: number;
  #filled: number;

  /**
   * @param rate tokens that come back a second, above 0; may be a fraction
   * @param burst most tokens inside, at least 1
   * @param now milliseconds of the clock that `take` is called with
   */
  constructor(rate: number, burst: number, now: number) {
    this.#rate = rate;
    this.#most = this.#inside = burst * 1000;
    this.#filled = now;
  }

  /**
   * Takes a token, or so many, if they are there.
   *
   * @param count no more than the burst, or they will never be there
   * @returns 0 if they were taken, else in how many milliseconds they will be there
   */
  take(now: number, count = 1): number {
    // A clock that goes back adds nothing and, from then on, counts anew.
    const elapsed = Math.max(0, now - this.#filled);
    this.#filled = now;
    this.#inside = Math.min(this.#most, this.#inside + elapsed * this.#rate);
    const missing = count * 1000 - this.#inside;
    if (missing > 0) return Math.ceil(missing / this.#rate);
    this.#inside = -missing;
    return 0;
  }
}
