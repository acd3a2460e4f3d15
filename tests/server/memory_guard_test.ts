import type { Metric } from "../../metrics/metrics.ts";
import { MemoryGuard } from "../../server/memory_guard.ts";
import { assertEquals } from "../support/assert.ts";
import { CapturedLogs } from "../support/captured_logs.ts";

/** A guard over memory and time that the test sets. */
function guardAt(maxMemory: number) {
  const state = { bytes: 0, now: 0 };
  const metrics = new Map<string, Metric>();
  const guard = new MemoryGuard({
    maxMemory,
    metrics: { register: (metric) => metrics.set(metric.name, metric) },
    measure: () => state.bytes,
    now: () => state.now,
  });
  return { state, guard, figure: (name: string) => metrics.get(name)?.read() };
}

Deno.test("MemoryGuard.isLimited() begins above the limit, ends well below it, and is logged once each time", () => {
  using logs = new CapturedLogs();
  const { state, guard, figure } = guardAt(1000);
  const seen = [0, 1000, 1001, 1500, 950, 901, 900, 1000, 1001].map((bytes) => {
    state.bytes = bytes;
    guard.sample();
    assertEquals(figure("hubbub_memory_limited"), guard.isLimited() ? 1 : 0);
    return guard.isLimited();
  });
  assertEquals(seen, [false, false, true, true, true, true, false, false, true]);
  assertEquals(logs.lines, [
    "warning: The process holds more than --max-memory: nobody new is accepted",
    "info: Memory is below --max-memory again: everybody is accepted",
    "warning: The process holds more than --max-memory: nobody new is accepted",
  ]);
});

Deno.test("MemoryGuard calls for relief while memory is above the limit, for more when that does not help", () => {
  const { state, guard } = guardAt(1000);
  const called: string[] = [];
  guard.addRelief(() => called.push("first"));
  guard.addRelief(() => called.push("second"));
  const at = (now: number, bytes: number) => {
    called.length = 0;
    Object.assign(state, { now, bytes });
    guard.sample();
    return called.join();
  };
  assertEquals(at(0, 1000), "");
  assertEquals(at(100, 1001), "first");
  assertEquals(at(1099, 2000), "first");
  assertEquals(at(1100, 2000), "first,second");
  assertEquals(at(1200, 950), "");
  assertEquals(at(1300, 1001), "first,second");
  assertEquals(at(1400, 100), "");
  assertEquals(at(9000, 1001), "first");
});

Deno.test("MemoryGuard without a limit limits nobody, and still tells what the process holds", () => {
  const { state, guard } = guardAt(Infinity);
  state.bytes = 2 ** 50;
  guard.start();
  assertEquals(guard.isLimited(), false);
  guard.stop();
});
