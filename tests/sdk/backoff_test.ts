import { assert, assertEquals } from "../support/assert.ts";
import { advanced, closed, delay, idle, MAX_DELAY, STABLE_AFTER } from "../../sdk/backoff.js";

const broken = { code: 1006, reason: "" };

Deno.test("delay() doubles up to its bound and is never less than half of it", () => {
  assertEquals([1, 2, 3].map((attempt) => delay(attempt, 0)), [250, 500, 1000]);
  assertEquals(delay(100, 0), MAX_DELAY / 2);
  for (const random of [0, 0.3, 0.999]) assert(delay(9, random) <= MAX_DELAY);
});

Deno.test("closed() waits longer after each failure", () => {
  let state = advanced(idle(), "connecting", 0);
  const waits = [];
  for (let i = 0; i < 4; i++) {
    state = closed(state, broken, 0, 0);
    waits.push(state.retryAt);
    state = advanced(state, "connecting", 0);
  }
  assertEquals(waits, [250, 500, 1000, 2000]);
});

Deno.test("closed() begins anew only after a connection that lasted", () => {
  const worn = { ...idle(), attempt: 5 };
  const brief = closed(advanced(worn, "online", 0), broken, STABLE_AFTER - 1, 0);
  assertEquals(brief.attempt, 6);
  const lasting = closed(advanced(worn, "online", 0), broken, STABLE_AFTER, 0);
  assertEquals(lasting.attempt, 1);
});

Deno.test("closed() stops for codes that say not to come back", () => {
  for (const code of [1000, 1008, 4500, 4502, 4504, 4999]) {
    assertEquals(closed(idle(), { code, reason: "" }, 0, 0).phase, "stopped");
  }
  for (const code of [0, 1001, 1005, 1006, 1011, 1012, 1013, 4001, 4002]) {
    assertEquals(closed(idle(), { code, reason: "" }, 0, 0).phase, "waiting");
  }
});
