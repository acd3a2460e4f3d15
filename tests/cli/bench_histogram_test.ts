import fc from "fast-check";
import { Histogram } from "../../cli/bench/histogram.ts";
import { assert, assertEquals } from "../support/assert.ts";

/** What percentiles are by definition, from all values in order. */
function exact(sorted: readonly number[], share: number): number {
  return sorted[Math.max(1, Math.ceil(share * sorted.length)) - 1] ?? 0;
}

function histogramOf(values: readonly number[]): Histogram {
  const histogram = new Histogram();
  for (const value of values) histogram.record(value);
  return histogram;
}

const values = fc.array(
  fc.oneof(fc.nat(300), fc.nat(100_000), fc.nat(2 ** 31 - 1)),
  { minLength: 1, maxLength: 300 },
);

Deno.test("Histogram.percentile() is within one part in 64 of the sorted samples", () => {
  fc.assert(fc.property(values, fc.double({ min: 0, max: 1, noNaN: true }), (samples, share) => {
    const sorted = [...samples].sort((a, b) => a - b);
    const wanted = exact(sorted, share);
    const found = histogramOf(samples).percentile(share);
    assert(found >= wanted && found <= wanted + wanted / 64, `${found} for ${wanted}`);
  }));
});

Deno.test("Histogram.percentile() is exact below 128 and at the maximum", () => {
  const histogram = histogramOf([...Array(128).keys(), 1_234_567]);
  assertEquals(histogram.percentile(64 / 129), 63);
  assertEquals(histogram.percentile(128 / 129), 127);
  assertEquals(histogram.percentile(1), 1_234_567);
});

Deno.test("Histogram counts, averages and keeps the maximum", () => {
  const histogram = histogramOf([1, 2, 6]);
  assertEquals([histogram.count, histogram.mean, histogram.max], [3, 3, 6]);
});

Deno.test("Histogram.record() takes what clocks can make", () => {
  const histogram = histogramOf([-3, 0.9, Infinity]);
  assertEquals(histogram.percentile(0.5), 0);
  assertEquals(histogram.max, 2 ** 31 - 1);
});

Deno.test("Histogram is all zero when nothing was recorded", () => {
  const histogram = new Histogram();
  assertEquals([histogram.percentile(0.99), histogram.max, histogram.mean], [0, 0, 0]);
  assertEquals(histogram.bars(), []);
});

Deno.test("Histogram.add() is the same as recording both", () => {
  fc.assert(fc.property(values, values, (a, b) => {
    const sum = histogramOf(a);
    sum.add(histogramOf(b));
    const both = histogramOf([...a, ...b]);
    assertEquals(sum.bars(), both.bars());
    assertEquals([sum.count, sum.max, sum.mean], [both.count, both.max, both.mean]);
  }));
});

Deno.test("Histogram.bars() holds every sample in the bar that it lies in", () => {
  fc.assert(fc.property(values, (samples) => {
    for (const { from, to, count } of histogramOf(samples).bars()) {
      assertEquals(count, samples.filter((value) => value >= from && value < to).length);
    }
  }));
});
