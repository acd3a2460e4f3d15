import { FlushThrottle } from "../../client/outgoing.ts";
import { assertEquals } from "../support/assert.ts";

const MIB = 1024 * 1024;

Deno.test("FlushThrottle.give() allows a small flush at once, then a little at a time", async () => {
  const pace = new FlushThrottle(() => Promise.resolve());
  assertEquals([pace.give(8 * MIB - 1), pace.give(0), pace.give(1)], [false, false, true]);
  await pace.pause();
  assertEquals([pace.give(100_000), pace.give(50_000)], [false, true]);
  pace.begin();
  assertEquals([pace.give(MIB), pace.give(7 * MIB)], [false, true], "a new flush");
});

Deno.test("FlushThrottle.pause() comes back in a later task, not in this one", async () => {
  const order: string[] = [];
  const pause = new FlushThrottle().pause().then(() => order.push("paused"));
  // Many microtasks later it is still the same task.
  for (let turn = 0; turn < 100; turn++) await undefined;
  order.push("same task");
  await pause;
  assertEquals(order, ["same task", "paused"]);
});
