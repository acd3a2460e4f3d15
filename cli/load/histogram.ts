/**
 * Latency histograms: HdrHistogram (Gil Tene) with three significant digits, and counts by powers of
 * two for charts.
 *
 * @module
 */
import { build } from "hdr-histogram-js";

/** Greater values, 36 minutes as microseconds, are recorded as this one. */
const MAX_VALUE = 2 ** 31 - 1;

/** The values from one power of two up to the next, for charts. */
export interface Bar {
  /** Inclusive. */
  readonly from: number;
  /** Exclusive. */
  readonly to: number;
  readonly count: number;
}

/** Counts non-negative values, usually microseconds, in constant memory. */
export class LatencyHistogram {
  readonly #values = build({
    // Counts of 32 bits could overflow in a long run.
    bitBucketSize: 64,
    autoResize: false,
    highestTrackableValue: MAX_VALUE,
    numberOfSignificantValueDigits: 3,
  });
  /** By the number of significant bits. */
  readonly #counts = new Float64Array(32);

  /** Number of recorded values. */
  get count(): number {
    return this.#values.totalCount;
  }

  /** The greatest recorded value, exactly; 0 if there is none. */
  get max(): number {
    return this.#values.maxValue;
  }

  /** The mean to three digits; 0 if nothing was recorded. */
  get mean(): number {
    return this.#values.mean;
  }

  /** Records a value, rounded down. Negative ones, which clocks can produce, count as 0. */
  record(value: number): void {
    const whole = value < 0 ? 0 : value > MAX_VALUE ? MAX_VALUE : Math.floor(value);
    this.#values.recordValue(whole);
    this.#counts[32 - Math.clz32(whole)]! += 1;
  }

  /**
   * The value that a share of all recorded values does not exceed, to three digits.
   *
   * @param share above 0, up to 1
   * @returns 0 if nothing was recorded
   */
  percentile(share: number): number {
    // The library returns the upper end of the bucket, which may exceed the maximum.
    return Math.min(this.max, this.#values.getValueAtPercentile(100 * share));
  }

  /** The counts by powers of two, from the first to the last that is not 0. */
  bars(): Bar[] {
    const bars = Array.from(this.#counts, (count, bits) => ({
      from: bits === 0 ? 0 : 2 ** (bits - 1),
      to: 2 ** bits,
      count,
    }));
    const isHit = ({ count }: Bar) => count > 0;
    return bars.slice(Math.max(0, bars.findIndex(isHit)), bars.findLastIndex(isHit) + 1);
  }
}
