/**
 * Keeps to the rate that the server announces, so that nothing is refused in the first place. The
 * server counts with a token bucket; this is the same bucket seen from the other end (a generic cell
 * rate algorithm).
 *
 * @module
 */

/**
 * What the client sends by itself uses this part of the burst. The rest is left for questions, which
 * somebody waits for.
 */
const BURST_SHARE = 0.5;

export class Pacer {
  #now;
  /** Milliseconds a request costs; 0: no limit. */
  #interval = 0;
  #burst = 1;
  /** The bucket is full at this time. */
  #fullAt = 0;

  /** @param {() => number} now milliseconds since 1970 */
  constructor(now) {
    this.#now = now;
  }

  /** Starts with a full bucket. @param {{ rate: number, burst: number }} limits rate: 0 is no limit */
  start({ rate, burst }) {
    this.#interval = rate > 0 ? 1000 / rate : 0;
    this.#burst = Math.max(1, Math.floor(burst * BURST_SHARE));
    this.#fullAt = 0;
  }

  /** How long to wait before the next request, in milliseconds. */
  get wait() {
    const allowance = (this.#burst - 1) * this.#interval;
    return Math.max(0, Math.ceil(this.#fullAt - allowance - this.#now()));
  }

  /** A request is sent now. */
  spend() {
    this.#fullAt = Math.max(this.#fullAt, this.#now()) + this.#interval;
  }

  /** The server refused a request because of the rate: its bucket is empty. */
  empty() {
    this.#fullAt = this.#now() + this.#burst * this.#interval;
  }
}
