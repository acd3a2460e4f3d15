import fc from "fast-check";
import { LatencyHistogram } from "../../cli/load/histogram.ts";
import { assert, assertEquals } from "../support/assert.ts";

/** A percentile by its definition, from the sorted values. */
function exact(sorted: readonly number[], share: number): number {
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;
}

function histogramOf(values: readonly number[]): LatencyHistogram {
  const histogram = new LatencyHistogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const values = fc.array(
  fc.oneof(fc.nat(300), fc.nat(100_000), fc.nat(2 ** 31 - 1)),
  { minLength: 1, maxLength: 300 },
);

Deno.test("LatencyHistogram.percentile() is within a thousandth of the sorted values", () => {
  // The library forgives an inexact product of share and count; these products are exact.
  const shares = fc.integer({ min: 1, max: 64 }).map((n) => n / 64);
  fc.assert(fc.property(values, shares, (samples, share) => {
    const wanted = exact([...samples].sort((a, b) => a - b), share);
    const found = histogramOf(samples).percentile(share);
    assert(found >= wanted && found <= wanted + wanted / 1000, `${found} for ${wanted}`);
  }));
});

Deno.test("LatencyHistogram.percentile() is exact for small values and at the maximum", () => {
  const histogram = histogramOf([...Array(128).keys(), 1_234_567]);
  assertEquals(histogram.percentile(64 / 129), 63);
  assertEquals(histogram.percentile(128 / 129), 127);
  assertEquals(histogram.percentile(1), 1_234_567);
});

Deno.test("LatencyHistogram counts, averages and keeps the maximum", () => {
  const histogram = histogramOf([1, 2, 6]);
  assertEquals([histogram.count, histogram.mean, histogram.max], [3, 3, 6]);
});

Deno.test("LatencyHistogram.record() accepts whatever clocks produce", () => {
  const histogram = histogramOf([-3, 0.9, Infinity]);
  assertEquals(histogram.percentile(0.5), 0);
  assertEquals(histogram.max, 2 ** 31 - 1);
});

Deno.test("LatencyHistogram is all zero if nothing was recorded", () => {
  const histogram = new LatencyHistogram();
  assertEquals([histogram.percentile(0.99), histogram.max, histogram.mean], [0, 0, 0]);
  assertEquals(histogram.bars(), []);
});

Deno.test("LatencyHistogram.bars() counts every value in the bar that it lies in", () => {
  fc.assert(fc.property(values, (samples) => {
    const bars = histogramOf(samples).bars();
    for (const { from, to, count } of bars) {
      assertEquals(count, samples.filter((value) => value >= from && value < to).length);
    }
    assertEquals(bars.reduce((sum, { count }) => sum + count, 0), samples.length);
  }));
});
