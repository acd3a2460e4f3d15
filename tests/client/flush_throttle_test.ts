import { FlushThrottle } from "../../client/outgoing.ts";
import { assertEquals } from "../support/assert.ts";

const MIB = 1024 * 1024;

Deno.test("FlushThrottle.give() allows a small flush at once, then a little at a time", async () => {
  const throttle = new FlushThrottle(() => Promise.resolve());
  assertEquals([throttle.give(8 * MIB - 1), throttle.give(0), throttle.give(1)], [
    false,
    false,
    true,
  ]);
  await throttle.pause();
  assertEquals([throttle.give(100_000), throttle.give(50_000)], [false, true]);
  throttle.begin();
  assertEquals([throttle.give(MIB), throttle.give(7 * MIB)], [false, true], "a new flush");
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
