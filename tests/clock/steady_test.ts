import { steadyNow } from "../../clock/steady.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("steadyNow() does not move when the time of day is set", () => {
  const realNow = Date.now;
  try {
    const before = steadyNow();
    Date.now = () => realNow() + 365 * 24 * 60 * 60 * 1000;
    const moved = steadyNow() - before;
    assertEquals(moved >= 0 && moved < 60_000, true, `moved by ${moved} ms`);
  } finally {
    Date.now = realNow;
  }
});
