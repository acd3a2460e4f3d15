/**
 * Histograms with fixed buckets, as Prometheus wants them: to observe a value adds to two numbers.
 *
 * @module
 */

/** Upper bounds for durations, in seconds: from a tenth of a millisecond to ten seconds. */
export const DURATION_BOUNDS: readonly number[] = [
  0.0001,
  0.00025,
  0.0005,
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
];

/** Upper bounds for how many there are of something. */
export const COUNT_BOUNDS: readonly number[] = [
  1,
  2,
  5,
  10,
  20,
  50,
  100,
  200,
  500,
  1000,
  2000,
  5000,
  10_000,
];

/** Counts values by the bucket into which they fall. */
export class Histogram {
  /** Upper bounds of the buckets, inclusive and ascending; one more bucket takes what is above the last. */
  readonly bounds: readonly number[];
  /** How many values fell into each bucket and into no lower one. */
  readonly counts: Float64Array;
  #sum = 0;

  constructor(bounds: readonly number[] = DURATION_BOUNDS) {
    this.bounds = bounds;
    this.counts = new Float64Array(bounds.length + 1);
  }

  /** The sum of all values. */
  get sum(): number {
    return this.#sum;
  }

  observe(value: number): void {
    let bucket = 0;
    for (const bound of this.bounds) {
      if (value <= bound) break;
      bucket++;
    }
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1;
    this.#sum += value;
  }
}

/** A histogram for each value of a label, all of which are there from the beginning. */
export function histograms<L extends string>(
  labels: readonly L[],
  bounds?: readonly number[],
): ReadonlyMap<L, Histogram> {
  return new Map(labels.map((label) => [label, new Histogram(bounds)] as const));
}
