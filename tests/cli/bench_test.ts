import { FrameReader, stampedText } from "../../cli/bench/frames.ts";
import { Histogram } from "../../cli/bench/histogram.ts";
import { Load, type LoadOptions } from "../../cli/bench/load.ts";
import { judge } from "../../cli/bench/own_load.ts";
import { formatProgress, formatResult, jsonResult, type Result } from "../../cli/bench/report.ts";
import {
  assert,
  assertEquals,
  assertMatch,
  assertStrictEquals,
  assertStringIncludes,
} from "../support/assert.ts";
import { said as message } from "../sdk/fakes.ts";
import { withServer } from "./real_server.ts";

const OPTIONS: Omit<LoadOptions, "url"> = {
  clients: 4,
  senders: 2,
  rooms: 2,
  pace: { kind: "window", messages: 8 },
  payload: 32,
  ramp: 0,
};

/** Resolves when the load has counted so many deliveries. */
async function delivered(load: Load, count: number): Promise<void> {
  while (load.counts.deliveries < count) await new Promise((resolve) => setTimeout(resolve, 1));
}

Deno.test("Load talks through a window to all members of each room", async () => {
  await withServer(["--rate", "0"], async ({ socket }) => {
    const load = new Load({ ...OPTIONS, url: socket });
    await load.connect();
    assertEquals(load.members, 4);
    load.start();
    await delivered(load, 200);
    load.stop();
    const { sent, deliveries, latency, bytes } = load.counts;
    // Two members in each room hear each message; at most the window is still under way.
    assert(deliveries <= 2 * sent && deliveries >= 2 * (sent - 8), `${deliveries} of ${sent}`);
    assertEquals(latency.count, deliveries);
    assert(bytes > 32 * sent);
    assertEquals([load.refusals.size, load.lost.size], [0, 0]);
  });
});

Deno.test("Load talks at a rate", async () => {
  await withServer(["--rate", "0"], async ({ socket }) => {
    const load = new Load({
      ...OPTIONS,
      url: socket,
      pace: { kind: "rate", perSecond: 500 },
    });
    await load.connect();
    const start = performance.now();
    load.start();
    await delivered(load, 60);
    const elapsed = performance.now() - start;
    const { sent } = load.counts;
    load.stop();
    assert(sent <= elapsed / 2 + 2, `${sent} were said in ${elapsed} ms`);
  });
});

Deno.test("Load tells how many were refused and lost", async () => {
  await withServer(["--max-connections-per-address", "3"], async ({ socket }) => {
    const load = new Load({ ...OPTIONS, url: socket });
    await load.connect();
    assertEquals(load.members, 3);
    assertEquals([...load.lost.values()], [1]);
    assertEquals(load.limits?.rate, 20);
    load.stop();
  });
});

Deno.test("FrameReader.read() takes the same frame apart once", () => {
  const reader = new FrameReader();
  const frame = [message(1, stampedText(123, 16)), { content: stampedText(456, 16), from: "cy" }]
    .map((line) => JSON.stringify(line)).join("\n");
  const read = reader.read(frame);
  assertEquals(read.stamps, [123, 456]);
  assertStrictEquals(reader.read(`${frame}`), read);
});

Deno.test("FrameReader.read() hands on what is no message", () => {
  const reader = new FrameReader();
  const { others } = reader.read('{"type":"pong","time":1}');
  assertEquals(others, [{ type: "pong", time: 1 }]);
});

Deno.test("stampedText() is as long as asked, and longer only for its stamp", () => {
  assertEquals(stampedText(35, 16), "z~xxxxxxxxxxxxxx");
  assertEquals(stampedText(35 * 36, 1), "z0~");
});

Deno.test("judge() tells when the bench is its own limit", () => {
  assertEquals(judge(0.5, 1, 20).saturated, false);
  assertEquals(judge(0.95, 1, 2).saturated, true);
  assertEquals(judge(0.5, 30, 40).saturated, true);
});

function resultOf(changes: Partial<Result> = {}): Result {
  const latency = new Histogram();
  for (const us of [300, 700, 700, 90_000]) latency.record(us);
  return {
    url: "ws://localhost:1/ws",
    asked: { ...OPTIONS },
    connected: 4,
    connectSeconds: 0.5,
    seconds: 2,
    counts: { sent: 2, deliveries: 4, bytes: 4096, latency },
    own: judge(0.5, 1, 2),
    refusals: new Map(),
    lost: new Map(),
    ...changes,
  };
}

Deno.test("formatResult() shows rates, percentiles, a chart and whose figures they are", () => {
  const text = formatResult(resultOf());
  assertStringIncludes(text, "delivered   2 a second, 2.0 KiB/s");
  assertStringIncludes(text, "p50 703 µs");
  assertStringIncludes(text, "max 90.0 ms");
  assertMatch(text, /512 µs to 1.02 ms {2}█{40} 50.0 %/);
  assertMatch(text, /256 µs to 512 µs {2}█{20} 25.0 %/);
  assertStringIncludes(text, "the figures are the server's");
});

Deno.test("formatResult() says when the bench is the limit, and what went wrong", () => {
  const text = formatResult(resultOf({
    own: judge(1, 1, 2),
    connected: 3,
    lost: new Map([["close code 1013", 2]]),
    refusals: new Map([["rate_limited", 1234]]),
  }));
  assertStringIncludes(text, "at its own limit");
  assertStringIncludes(text, "Only 3 of 4 clients");
  assertStringIncludes(text, "2 connections were lost: close code 1013");
  assertStringIncludes(text, "1,234 messages were refused: rate_limited");
});

Deno.test("formatResult() shows no chart when nothing was delivered", () => {
  const counts = { sent: 0, deliveries: 0, bytes: 0, latency: new Histogram() };
  assert(!formatResult(resultOf({ counts })).includes("NaN"));
});

Deno.test("jsonResult() survives JSON", () => {
  const result = jsonResult(resultOf({ refusals: new Map([["too_long", 1]]) }));
  const { window, deliveries_per_second, latency_ms, refusals, bench } = result;
  assertEquals(JSON.parse(JSON.stringify(result)), result);
  assertEquals({ window, deliveries_per_second }, { window: 8, deliveries_per_second: 2 });
  assertEquals(latency_ms, { mean: 22.925, p50: 0.703, p90: 90, p99: 90, "p99.9": 90, max: 90 });
  assertEquals(refusals, { too_long: 1 });
  assertEquals(bench, { cpu: 0.5, lag_ms: { p50: 1, p99: 2 }, saturated: false });
});

Deno.test("formatProgress() is one line", () => {
  const { counts, own } = resultOf();
  assertMatch(formatProgress(3, counts, 1, own), /^ +3 s +4 deliveries a second .*50 % of a/);
});
