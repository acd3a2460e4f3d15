import { judgeUsage } from "../../cli/load/usage.ts";
import { assertEquals } from "../support/assert.ts";

Deno.test("judgeUsage() tells whether the generator was the bottleneck", () => {
  assertEquals(judgeUsage(0.5, 1, 20).saturated, false);
  assertEquals(judgeUsage(0.95, 1, 2).saturated, true);
  assertEquals(judgeUsage(0.5, 30, 40).saturated, true);
});
