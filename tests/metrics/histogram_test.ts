import { Histogram, histograms } from "../../metrics/histogram.ts";
import { createMetrics } from "../../metrics/prometheus.ts";
import { assertEquals, assertStringIncludes } from "../support/assert.ts";

Deno.test("Histogram.observe() counts a value in the lowest bucket that holds it", () => {
  const histogram = new Histogram([1, 2, 5]);
  for (const value of [0, 1, 1.5, 2, 5, 6, 100]) histogram.observe(value);
  assertEquals([...histogram.counts], [2, 2, 1, 2]);
  assertEquals(histogram.sum, 115.5);
});

Deno.test("histograms() has one for each label from the beginning", () => {
  const both = histograms(["a", "b"], [1]);
  assertEquals([...both.keys()], ["a", "b"]);
  both.get("a")?.observe(1);
  assertEquals([...both.get("b")?.counts ?? []], [0, 0]);
});

Deno.test("createMetrics() renders a histogram with cumulative buckets, sum and count", async () => {
  const metrics = createMetrics();
  const histogram = new Histogram([0.5, 1]);
  for (const value of [0.25, 0.75, 2]) histogram.observe(value);
  metrics.register({ name: "a_seconds", help: "A", type: "histogram", read: () => histogram });
  metrics.register({
    name: "b_seconds",
    help: "B",
    type: "histogram",
    label: "kind",
    read: () => new Map([["x", histogram]]),
  });
  const { text } = await metrics.render();
  assertStringIncludes(
    text,
    "# TYPE a_seconds histogram\n" +
      'a_seconds_bucket{le="0.5"} 1\na_seconds_bucket{le="1"} 2\na_seconds_bucket{le="+Inf"} 3\n' +
      "a_seconds_sum 3\na_seconds_count 3\n",
  );
  assertStringIncludes(text, '\nb_seconds_bucket{kind="x",le="1"} 2\n');
  assertStringIncludes(text, '\nb_seconds_count{kind="x"} 3\n');
});
