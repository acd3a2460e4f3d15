import { ClientPool, type PoolOptions } from "../../cli/load/client_pool.ts";
import { hubbub } from "../../cli/load/dialect.ts";
import { LoadDriver, type LoadModel } from "../../cli/load/driver.ts";
import { LatencyHistogram } from "../../cli/load/histogram.ts";
import { judgeUsage } from "../../cli/load/usage.ts";
import { formatProgress, formatResult, jsonResult, type Result } from "../../cli/load/report.ts";
import {
  assert,
  assertAlmostEquals,
  assertEquals,
  assertMatch,
  assertStringIncludes,
} from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";
import { withServer } from "./real_server.ts";

const ASKED = { clients: 4, senders: 2, rooms: 2, payload: 32 };

const MODEL: LoadModel = { kind: "closed", window: 8 };

function options(url: string): PoolOptions {
  return { ...ASKED, url, dialect: hubbub({ prefix: "bench-" }), timed: 4, sampleEvery: 1 };
}

/** Resolves when the clients have received this many messages. */
async function delivered(pool: ClientPool, count: number): Promise<void> {
  const done = Promise.withResolvers<void>();
  const { onDeliveries } = pool;
  pool.onDeliveries = () => {
    onDeliveries();
    if (pool.totals.deliveries >= count) done.resolve();
  };
  await within(
    DEADLINE,
    () => `${count} deliveries; there were ${pool.totals.deliveries}`,
    done.promise,
  );
}

Deno.test("LoadDriver in a closed loop sends through a window to all members of each room", async () => {
  await withServer(["--rate", "0"], async ({ socket }) => {
    const pool = new ClientPool(options(socket));
    await pool.connect();
    assertEquals(pool.totals.members, 4);
    const driver = new LoadDriver(pool, MODEL);
    driver.start();
    await delivered(pool, 200);
    driver.stop();
    const { sent, deliveries, latency, bytes } = pool.totals;
    // Two members in each room receive each message; at most the window is still in flight.
    assert(deliveries <= 2 * sent && deliveries >= 2 * (sent - 8), `${deliveries} of ${sent}`);
    assertEquals(latency.count, deliveries);
    assert(bytes > 32 * sent);
    assertEquals([pool.totals.refusals.size, pool.totals.lost.size], [0, 0]);
    await pool.close();
  });
});

Deno.test("LoadDriver in a closed loop copes with rooms of different sizes", async () => {
  await withServer(["--rate", "0"], async ({ socket }) => {
    const pool = new ClientPool({ ...options(socket), clients: 5 });
    await pool.connect();
    const driver = new LoadDriver(pool, MODEL);
    driver.start();
    await delivered(pool, 200);
    driver.stop();
    // A delivery is another fraction of a message in each room.
    assert(pool.inFlight <= 8 + 1e-6, `${pool.inFlight} in flight`);
    await pool.close();
  });
});

Deno.test("LoadDriver in an open loop sends at a rate", async () => {
  await withServer(["--rate", "0"], async ({ socket }) => {
    const pool = new ClientPool(options(socket));
    await pool.connect();
    const driver = new LoadDriver(pool, { kind: "open", rate: 500 });
    const start = performance.now();
    driver.start();
    await delivered(pool, 60);
    const { sent } = pool.totals;
    const elapsed = performance.now() - start;
    driver.stop();
    assert(sent <= elapsed / 2 + 2, `${sent} were sent in ${elapsed} ms`);
    await pool.close();
  });
});

Deno.test("ClientPool counts the connections that the server refuses", async () => {
  await withServer(["--max-connections-per-address", "3"], async ({ socket }) => {
    const pool = new ClientPool(options(socket));
    await pool.connect();
    assertEquals(pool.totals.members, 3);
    assertEquals([...pool.totals.lost.values()], [1]);
    assertEquals(pool.totals.rateLimit, 20);
    await pool.close();
  });
});

Deno.test("ClientPool counts the messages that the server refuses, by their code", async () => {
  await withServer(["--rate", "1", "--burst", "2"], async ({ socket }) => {
    const pool = new ClientPool({ ...options(socket), clients: 2 });
    await pool.connect();
    const refused = Promise.withResolvers<void>();
    pool.onRefusal = () => refused.resolve();
    for (let i = 0; i < 5; i++) pool.say(0);
    await within(DEADLINE, "a refusal", refused.promise);
    assertEquals([...pool.totals.refusals.keys()], ["rate_limited"]);
    await pool.close();
  });
});

Deno.test("ClientPool counts clients whose login is refused", async () => {
  await withServer([], async ({ socket }) => {
    const pool = new ClientPool(options(socket));
    const same = new ClientPool(options(socket));
    await pool.connect();
    await same.connect();
    assertEquals([pool.totals.members, same.totals.members], [4, 0]);
    assertEquals([...same.totals.lost], [["name_taken", 4]]);
    await Promise.all([pool.close(), same.close()]);
  });
});

function resultOf(changes: Partial<Result> = {}): Result {
  const latency = new LatencyHistogram();
  for (const us of [300, 700, 700, 90_000]) latency.record(us);
  return {
    url: "ws://localhost:1/ws",
    asked: { ...ASKED, model: MODEL },
    connected: 4,
    connectSeconds: 0.5,
    seconds: 2,
    counts: { sent: 2, deliveries: 4, bytes: 4096, latency },
    usage: judgeUsage(0.5, 1, 2),
    refusals: new Map(),
    lost: new Map(),
    ...changes,
  };
}

Deno.test("formatResult() shows rates, percentiles, a chart and whose figures they are", () => {
  const text = formatResult(resultOf());
  assertStringIncludes(text, "delivered   2 a second, 2.0 KiB/s");
  assertStringIncludes(text, "p50 700 µs");
  assertStringIncludes(text, "max 90.0 ms");
  assertMatch(text, /512 µs to 1.02 ms {2}█{40} 50.0 %/);
  assertMatch(text, /256 µs to 512 µs {2}█{20} 25.0 %/);
  assertStringIncludes(text, "the figures are the server's");
});

Deno.test("formatResult() says when the generator was the bottleneck, and what went wrong", () => {
  const text = formatResult(resultOf({
    usage: judgeUsage(1, 1, 2),
    connected: 3,
    lost: new Map([["close code 1013", 2]]),
    refusals: new Map([["rate_limited", 1234]]),
  }));
  assertStringIncludes(text, "load generator was the bottleneck");
  assertStringIncludes(text, "Only 3 of 4 clients");
  assertStringIncludes(text, "2 connections were lost: close code 1013");
  assertStringIncludes(text, "1,234 messages were refused: rate_limited");
});

Deno.test("formatResult() shows no chart when nothing was delivered", () => {
  const counts = { sent: 0, deliveries: 0, bytes: 0, latency: new LatencyHistogram() };
  assert(!formatResult(resultOf({ counts })).includes("NaN"));
});

Deno.test("jsonResult() survives JSON", () => {
  const result = jsonResult(resultOf({ refusals: new Map([["too_long", 1]]) }));
  const { window, deliveries_per_second, latency_ms, refusals, bench } = result;
  assertEquals(JSON.parse(JSON.stringify(result)), result);
  assertEquals({ window, deliveries_per_second }, { window: 8, deliveries_per_second: 2 });
  const { mean, ...percentiles } = latency_ms as Record<string, number>;
  assertEquals(percentiles, { p50: 0.7, p90: 90, p99: 90, "p99.9": 90, max: 90 });
  assertAlmostEquals(mean ?? 0, 22.925, 0.02);
  assertEquals(refusals, { too_long: 1 });
  assertEquals(bench, { cpu: 0.5, lag_ms: { p50: 1, p99: 2 }, saturated: false });
});

Deno.test("formatProgress() is one line", () => {
  const { counts, usage } = resultOf();
  assertMatch(formatProgress(3, counts, 1, usage), /^ +3 s +4 deliveries a second .*50 % of a/);
});
