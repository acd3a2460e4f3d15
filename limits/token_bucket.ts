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
    return this.reserve(now, count, 0);
  }

  /**
   * Takes tokens before they are there: whoever then waits for them keeps to the rate.
   *
   * @param mostMs takes none if they would not be there by then, so that nobody's debt grows without end
   * @returns in how many milliseconds they are there
   */
  reserve(now: number, count: number, mostMs: number): number {
    // A clock that goes back adds nothing and, from then on, counts anew.
    const elapsed = Math.max(0, now - this.#filled);
    this.#filled = now;
    this.#inside = Math.min(this.#most, this.#inside + elapsed * this.#rate);
    const left = this.#inside - count * 1000;
    const wait = Math.ceil(Math.max(0, -left) / this.#rate);
    if (wait <= mostMs) this.#inside = left;
    return wait;
  }
}
