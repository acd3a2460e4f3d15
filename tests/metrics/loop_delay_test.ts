import { LoopDelay } from "../../metrics/loop_delay.ts";
import { assertEquals } from "../support/assert.ts";

/** A loop whose time is told, and whose timer fires when it is told. */
function fakeLoop() {
  let now = 0;
  let due: (() => void) | undefined;
  return {
    options: {
      now: () => now,
      schedule: (act: () => void) => {
        due = act;
        return () => due = undefined;
      },
    },
    /** Fires the timer so many milliseconds after it was set. */
    fire(ms: number): void {
      now += ms;
      due?.();
    },
    get isWaiting(): boolean {
      return due !== undefined;
    },
  };
}

Deno.test("LoopDelay observes by how much a timer is late", () => {
  const loop = fakeLoop();
  const delay = new LoopDelay(loop.options);
  loop.fire(20);
  loop.fire(24);
  assertEquals([...delay.histogram.counts].slice(0, 4), [1, 0, 1, 0]);
  assertEquals(delay.histogram.sum, 0.004);
});

Deno.test("LoopDelay counts all that a loop which stood still has delayed", () => {
  const loop = fakeLoop();
  const delay = new LoopDelay(loop.options);
  loop.fire(1020); // late by 1000 ms, and what was due every 20 ms meanwhile by less and less
  const { bounds, counts } = delay.histogram;
  const atMost = (seconds: number) =>
    bounds.reduce((sum, bound, index) => bound <= seconds ? sum + (counts[index] ?? 0) : sum, 0);
  assertEquals([atMost(0.25), atMost(0.5), atMost(1)], [12, 25, 50]);
});

Deno.test("LoopDelay takes the sleep of a machine for a minute at most", () => {
  const loop = fakeLoop();
  const delay = new LoopDelay(loop.options);
  loop.fire(8 * 3600_000);
  assertEquals(delay.histogram.counts.reduce((sum, count) => sum + count, 0), 3000);
});

Deno.test("LoopDelay.stop() leaves no timer", () => {
  const loop = fakeLoop();
  const delay = new LoopDelay(loop.options);
  loop.fire(20);
  assertEquals(loop.isWaiting, true);
  delay.stop();
  assertEquals(loop.isWaiting, false);
});
