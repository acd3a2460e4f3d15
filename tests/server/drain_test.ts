import { NO_METRICS } from "../../metrics/metrics.ts";
import { Drain } from "../../server/drain.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { startTestServer, TRANSPORTS } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";
import { WsClient } from "../support/ws_client.ts";

/** A drain of so many connections, whose clock goes on when it pauses. */
function drainOf(count: number, { fails = 0 } = {}) {
  let there = Array.from({ length: count }, (_, n) => n + 1);
  let others = 0;
  let now = 0;
  const sent: [ms: number, count: number][] = [];
  const steps: (() => void)[] = [];
  const drain = new Drain({
    connections: () =>
      fails-- > 0 ? Promise.reject(new Error("busy")) : Promise.resolve([...there]),
    sendAway(connections) {
      assertEquals(connections, there.slice(0, connections.length), "oldest first");
      there = there.slice(connections.length);
      if (connections.length > 0) sent.push([now, connections.length]);
      return Promise.resolve();
    },
    closeOthers: () => others++,
    metrics: NO_METRICS,
    now: () => now,
    pause(ms) {
      steps.shift()?.();
      now += ms;
      return Promise.resolve();
    },
  });
  return { drain, sent, steps, left: () => there.length, others: () => others };
}

const finish = ({ drain }: { drain: Drain }) => within(DEADLINE, "a drain to end", drain.finished);

Deno.test("Drain.start() sends clients away evenly over the time, and then whatever else there is", async () => {
  const test = drainOf(100);
  test.drain.start(2000);
  assert(test.drain.isDraining);
  await finish(test);
  assertEquals([test.left(), test.others()], [0, 1]);
  assertEquals(test.sent.map(([, count]) => count), Array(10).fill(10));
  assertEquals(test.sent.at(-1)?.[0], 1800);
  assert(test.drain.isDraining, "nobody is let in again");
});

Deno.test("Drain.start() sends all away at once in no time, and ends at once with nobody there", async () => {
  const many = drainOf(1000);
  many.drain.start(0);
  await finish(many);
  assertEquals(many.sent, [[0, 1000]]);
  const none = drainOf(0);
  none.drain.start(60_000);
  await finish(none);
  assertEquals([none.sent, none.others()], [[], 1]);
});

Deno.test("Drain.callOff() leaves those who are still there, and lets new ones in", async () => {
  const test = drainOf(100);
  test.steps.push(() => {}, () => test.drain.callOff());
  test.drain.start(2000);
  await finish(test);
  assertEquals([test.left(), test.others(), test.drain.isDraining], [80, 0, false]);
});

Deno.test("Drain.start() goes on within another time", async () => {
  const test = drainOf(100);
  test.steps.push(() => test.drain.start(0));
  test.drain.start(60_000);
  await finish(test);
  assertEquals(test.left(), 0);
  assertEquals(test.sent.at(-1)?.[0], 200);
});

Deno.test("Drain.start() tries again while the hub is too busy", async () => {
  const test = drainOf(10, { fails: 3 });
  test.drain.start(1000);
  await finish(test);
  assertEquals([test.left(), test.others()], [0, 1]);
});

for (const transport of TRANSPORTS) {
  Deno.test(`a server with ${transport} that drains sends clients away with 4002, and is not ready`, async () => {
    await using server = await startTestServer("--transport", transport, "--drain-for", "1s");
    const chat = await WsClient.open(server.ws("/ws"), "hubbub.v1");
    const echo = await WsClient.open(server.ws("/echo"));
    const drained = server.drain();
    const ready = await fetch(new URL("/readyz", server.url));
    assertEquals(ready.status, 503);
    await ready.body?.cancel();
    const refused = await fetch(new URL("/ws", server.url), { headers: { upgrade: "websocket" } });
    assertEquals(refused.status, 503);
    assert(Number(refused.headers.get("retry-after")) > 0);
    await refused.body?.cancel();
    assertEquals((await within(DEADLINE, "the chat to close", chat.closed)).code, 4002);
    assertEquals((await within(DEADLINE, "the echo to close", echo.closed)).code, 1001);
    await within(DEADLINE, "the drain to end", drained);
  });
}
