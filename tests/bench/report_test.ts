import { inFlight, perSecond } from "../../bench/cases.ts";
import { type Measurement, parseMeasurement } from "../../bench/load/measurement.ts";
import { drawChart } from "../../bench/report/chart.ts";
import { jsonComparison } from "../../bench/report/json.ts";
import {
  judgeLimit,
  latencyRatio,
  medianNumber,
  rateRatio,
  type Standing,
  summarize,
} from "../../bench/report/summary.ts";
import { formatCase } from "../../bench/report/table.ts";
import { formatCount, formatMicroseconds, formatRatio } from "../../bench/report/words.ts";
import type { Contestant } from "../../bench/run/contestants.ts";
import type { Outcome } from "../../bench/run/run.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStringIncludes,
  assertThrows,
} from "../support/assert.ts";

const measured: Measurement = {
  seconds: 4,
  messages: 1000,
  deliveries: 100_000,
  frames: 1000,
  bytes: 1e7,
  p50: 300,
  p99: 2000,
  p999: 3000,
  max: 4000,
  serverCpu: 0.5,
  generatorCpu: 0.2,
  undelivered: null,
};

function contestant(id: string, name: string): Contestant {
  return { id, name, version: "1.2.3", dialect: "relay", command: () => [] };
}

const hubbub = contestant("hubbub-deno", "Hubbub, deno");
const bun = contestant("bun", "Bun <&>");

function rounds(...deliveries: number[]): Outcome[] {
  return deliveries.map((value) => ({ ...measured, deliveries: value, p99: value / 100 }));
}

Deno.test("parseMeasurement() reads what was written, and nothing else", () => {
  assertEquals(parseMeasurement(JSON.stringify(measured)), measured);
  const { p99: _, ...short } = measured;
  for (const wrong of [short, { ...measured, serverCpu: "1" }, [], null]) {
    assertThrows(() => parseMeasurement(JSON.stringify(wrong)), Error, "Cannot read measurement");
  }
});

Deno.test("medianNumber() takes the middle, or the mean of the middle two", () => {
  assertEquals(medianNumber([10, 9, 100]), 10);
  assertEquals(medianNumber([4, 100, 1, 2]), 3);
  assertEquals(medianNumber([7]), 7);
  assertThrows(() => medianNumber([]), Error, "no values");
});

Deno.test("summarize() takes medians over the rounds that succeeded", () => {
  const standing = summarize(hubbub, [...rounds(300, 100, 500), { failure: "it broke" }]);
  assertEquals(standing.median?.deliveries, 300);
  assertEquals(standing.perServerSecond, 600);
  const none = summarize(hubbub, [{ failure: "it broke" }]);
  assertEquals([none.median, none.perServerSecond, none.limit], [null, null, "unknown"]);
});

Deno.test("summarize() keeps the greatest number of undelivered messages", () => {
  const lost = [0, 7, 0].map((undelivered) => ({ ...measured, undelivered }));
  assertEquals(summarize(hubbub, lost).median?.undelivered, 7);
  assertEquals(summarize(hubbub, rounds(1)).median?.undelivered, null);
});

Deno.test("judgeLimit() tells whose processor was busy", () => {
  const of = (serverCpu: number | null, generatorCpu: number) =>
    judgeLimit({ ...measured, serverCpu, generatorCpu });
  assertEquals(of(0.95, 0.5), "server");
  assertEquals(of(0.5, 0.95), "generator");
  assertEquals(of(0.95, 0.95), "both");
  assertEquals(of(0.5, 0.5), "neither");
  assertEquals(of(null, 0.5), "unknown");
  assertEquals(of(null, 0.95), "generator");
});

Deno.test("rateRatio() and latencyRatio() compare medians, where there are any", () => {
  const [one, other] = [summarize(hubbub, rounds(600)), summarize(bun, rounds(200))];
  assertEquals([rateRatio(one, other), latencyRatio(other, one)], [3, 1 / 3]);
  assertEquals(rateRatio(one, summarize(bun, [])), null);
});

Deno.test("formatCount(), formatRatio() and formatMicroseconds() write three digits", () => {
  assertEquals(
    [0, 20, 441.4, 999.6, 12_345, 999_600, 12_345_678].map(formatCount),
    ["0", "20", "441", "1.00 k", "12.3 k", "1.00 M", "12.3 M"],
  );
  assertEquals([315, 999.7, 2590, 187_000, 1_160_000].map(formatMicroseconds), [
    "315 µs",
    "1.00 ms",
    "2.59 ms",
    "187 ms",
    "1.16 s",
  ]);
  assertEquals([0.5, 9.999, 23.14, 231.4].map(formatRatio), ["0.50", "10.0", "23.1", "231"]);
});

function standings(): Standing[] {
  return [
    summarize(hubbub, [...rounds(600_000), { failure: "lost a connection" }]),
    summarize(bun, rounds(200_000)),
  ];
}

Deno.test("formatCase() shows figures, ratios and failures", () => {
  const lines = formatCase({ case: inFlight("a", 100, 1000), standings: standings() }).split("\n");
  assertEquals(lines[0], "a: 100 clients, 1,000 messages in flight; ratios by deliveries");
  assertStringIncludes(lines[1] ?? "", "to bun");
  assertMatch(lines[2] ?? "", /^ {2}Hubbub, deno +600 k +3\.00 /);
  assertEquals(lines[4], "  Hubbub, deno, round 2, failed: lost a connection");
});

Deno.test("formatCase() compares latencies where the rate is fixed", () => {
  const text = formatCase({ case: perSecond("b", 100, 200), standings: standings() });
  assertStringIncludes(text, "ratios by p99 latency");
  assertMatch(text, /6\.00 ms +3\.00 /);
});

Deno.test("drawChart() makes well-formed SVG with a text for every figure", () => {
  const cases = [
    { case: inFlight("a", 100, 1000), standings: standings() },
    { case: perSecond("b", 100, 200), standings: [summarize(hubbub, [{ failure: "no" }])] },
  ];
  const svg = drawChart(cases, { title: "A & B", notes: ["One <note>"] });
  assertStringIncludes(svg, ">A &amp; B<");
  assertStringIncludes(svg, ">One &lt;note><");
  assertStringIncludes(svg, ">Bun &lt;&amp;></text>");
  assertStringIncludes(svg, ">600 k · 3.00 × Bun<");
  assertStringIncludes(svg, ">200 k<");
  assertStringIncludes(svg, ">failed<");
  assert(!/NaN|Infinity|undefined/.test(svg), svg);
  assertEquals(svg.match(/<text /g)?.length, svg.match(/<\/text>/g)?.length);
});

Deno.test("drawChart() marks figures for which the load generator was the bottleneck", () => {
  const limited = summarize(hubbub, [{ ...measured, generatorCpu: 1 }]);
  const cases = [{ case: inFlight("a", 100, 1000), standings: [limited] }];
  assertStringIncludes(drawChart(cases, { title: "", notes: [] }), ">≥ 100 k<");
});

Deno.test("jsonComparison() holds every round, medians and ratios", () => {
  const json = JSON.stringify(jsonComparison({
    made: new Date(0),
    machine: { processor: "P", processors: 2, system: "S", deno: "D", pinned: true, load: 0 },
    rounds: 1,
    timing: { warmup: 1, seconds: 4 },
    absent: [{ id: "ws", reason: "node is not installed" }],
    cases: [{ case: inFlight("a", 100, 1000), standings: standings() }],
  }));
  assertStringIncludes(json, '"made":"1970-01-01T00:00:00.000Z"');
  assertStringIncludes(json, '"window":1000');
  assertStringIncludes(json, '"ratios":{"bun":{"deliveries":3,');
  assertStringIncludes(json, '{"failure":"lost a connection"}');
});
