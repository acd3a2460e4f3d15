/**
 * Counts latencies in buckets whose width grows with the value, so that any number of them takes a
 * few kilobytes and every percentile is known within one part in 64. Imports nothing.
 *
 * The buckets are those of HdrHistogram (Gil Tene): whole below 128, then 64 for each power of two.
 *
 * @module
 */

/** Buckets for each power of two; the relative error is at most one part of it. */
const HALF = 64;
const HALF_BITS = 6;

/** Greatest value that is told apart from greater ones. */
const MAX_VALUE = 2 ** 31 - 1;

const BUCKETS = (31 - HALF_BITS) * HALF + HALF;

/** A bucket that was hit, for charts. */
export interface Bar {
  /** Included. */
  readonly from: number;
  /** Not included. */
  readonly to: number;
  readonly count: number;
}

/** Non-negative numbers, rounded down to whole ones, and how often each occurred. */
export class Histogram {
  readonly #counts = new Float64Array(BUCKETS);
  #count = 0;
  #sum = 0;
  #max = 0;

  /** How many were recorded. */
  get count(): number {
    return this.#count;
  }

  /** The greatest, exactly; 0 if there is none. */
  get max(): number {
    return this.#max;
  }

  /** The mean; 0 if there is none. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** Counts a value. Negative ones, which clocks can make, count as 0. */
  record(value: number): void {
    const whole = value < 0 ? 0 : value > MAX_VALUE ? MAX_VALUE : Math.floor(value);
    this.#counts[bucketOf(whole)]! += 1;
    this.#count++;
    this.#sum += whole;
    if (whole > this.#max) this.#max = whole;
  }

  /** Adds all that another one counted. */
  add(other: Histogram): void {
    for (let i = 0; i < BUCKETS; i++) this.#counts[i]! += other.#counts[i]!;
    this.#count += other.#count;
    this.#sum += other.#sum;
    this.#max = Math.max(this.#max, other.#max);
  }

  /**
   * The value that a share of all recorded ones does not exceed, at most one part in 64 too large.
   *
   * @param share from 0 to 1
   * @returns 0 if nothing was recorded
   */
  percentile(share: number): number {
    const wanted = Math.max(1, Math.ceil(share * this.#count));
    let seen = 0;
    for (let i = 0; i < BUCKETS; i++) {
      seen += this.#counts[i]!;
      if (seen >= wanted) return Math.min(this.#max, boundOf(i + 1) - 1);
    }
    return this.#max;
  }

  /** The counts by powers of two, from the first to the last one that was hit. */
  bars(): Bar[] {
    const bars: Bar[] = [];
    for (let from = 0, to = 1; from <= MAX_VALUE; from = to, to *= 2) {
      let count = 0;
      for (let i = bucketOf(from); i < BUCKETS && boundOf(i) < to; i++) count += this.#counts[i]!;
      if (count > 0 || bars.length > 0) bars.push({ from, to, count });
    }
    while (bars.at(-1)?.count === 0) bars.pop();
    return bars;
  }
}

function bucketOf(value: number): number {
  const shift = Math.max(0, 31 - Math.clz32(value) - HALF_BITS);
  return shift * HALF + (value >>> shift);
}

/** The least value of a bucket. */
function boundOf(bucket: number): number {
  const shift = Math.max(0, Math.floor(bucket / HALF) - 1);
  return (bucket - shift * HALF) * 2 ** shift;
}
