import { resetSync } from "@logtape/logtape";
import { type LogOutput, openLog } from "../../log/log.ts";
import { type Refusal, RefusalLog } from "../../log/refusals.ts";
import { createMetrics } from "../../metrics/prometheus.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";

/** A log of refusals with a clock that stands still, and what is written. */
function harness(format: "json" | "pretty" = "json", terminal = false) {
  const decoder = new TextDecoder();
  let written = "";
  const output: LogOutput = {
    isTerminal: () => terminal,
    write(bytes) {
      written += decoder.decode(bytes);
      return Promise.resolve(bytes.length);
    },
  };
  const log = openLog({ level: "info", format }, output);
  const metrics = createMetrics();
  let now = 0;
  let timers: { act: () => void; at: number }[] = [];
  const refusals = new RefusalLog(metrics, {
    now: () => now,
    schedule(act, ms) {
      const timer = { act, at: now + ms };
      timers.push(timer);
      return () => timers = timers.filter((other) => other !== timer);
    },
  });
  return {
    metrics,
    /** Number of timers that run. */
    get timers(): number {
      return timers.length;
    },
    summarize: () => refusals.summarize(),
    note: (refusal: Partial<Refusal> = {}) =>
      refusals.note({ reason: "rate", ip: "192.0.2.1", ...refusal }),
    /** Lets time pass. */
    pass(ms: number): void {
      now += ms;
      for (const { act, at } of timers) if (at <= now) act();
    },
    /** What was written since the last call. */
    async text(): Promise<string> {
      await log.flush();
      const text = written;
      written = "";
      return text;
    },
    async lines(): Promise<Record<string, unknown>[]> {
      return (await this.text()).trim().split("\n").filter((line) => line !== "")
        .map((line) => JSON.parse(line));
    },
    [Symbol.dispose]: resetSync,
  };
}

Deno.test("RefusalLog.note() writes one line with reason, address, user and detail", async () => {
  using log = harness();
  log.note({ reason: "abuse", user: "u1", detail: "connection 7 was closed with 1008" });
  log.note({ ip: "", user: "" });
  const [first, second] = await log.lines();
  const { time: _, ...rest } = first ?? {};
  assertEquals(rest, {
    level: "warn",
    category: "hubbub.refused",
    message: "Refused: abuse",
    reason: "abuse",
    ip: "192.0.2.1",
    user: "u1",
    detail: "connection 7 was closed with 1008",
  });
  assert(second !== undefined && !("user" in second) && !("detail" in second));
});

Deno.test("RefusalLog.note() logs a few lines of one network, and sums the others up", async () => {
  using log = harness();
  for (let i = 0; i < 100; i++) log.note();
  assertEquals((await log.lines()).length, 5);
  log.pass(9999);
  assertEquals(await log.lines(), []);
  log.pass(1); // nothing follows: the summary comes all the same
  const [summary, ...more] = await log.lines();
  assertEquals(more, []);
  const { message, count, reason, networks, most, times } = summary ?? {};
  assertEquals([message, count, reason], ["Refused 95 more times: rate", 95, "rate"]);
  assertEquals([networks, most, times], [1, "192.0.2.1", 95]);
  log.pass(60_000);
  assertEquals(await log.lines(), []);
});

Deno.test("RefusalLog.note() is not kept from logging others by one network that floods", async () => {
  using log = harness();
  for (let i = 0; i < 1000; i++) log.note();
  await log.lines();
  log.note({ ip: "198.51.100.1" });
  const [line] = await log.lines();
  assertEquals(line?.["ip"], "198.51.100.1");
});

Deno.test("RefusalLog.note() has a budget for each reason, whatever the addresses", async () => {
  using log = harness();
  for (let i = 0; i < 200; i++) log.note({ ip: `192.0.2.${i}` });
  assertEquals((await log.lines()).length, 20);
  log.note({ reason: "origin" });
  assertEquals((await log.lines()).length, 1);
  log.pass(3000); // three more a second apart
  for (let i = 0; i < 200; i++) log.note({ ip: `198.51.100.${i}` });
  assertEquals((await log.lines()).length, 3);
  log.pass(10_000);
  const [summary] = await log.lines();
  assertEquals([summary?.["count"], summary?.["networks"]], [377, 377]);
});

Deno.test("RefusalLog.note() remembers a bounded number of networks", async () => {
  using log = harness();
  for (let i = 0; i < 1500; i++) log.note({ ip: `10.0.${i >> 8}.${i & 255}` });
  log.pass(10_000);
  const summary = (await log.lines()).at(-1);
  assertEquals([summary?.["count"], summary?.["networks"]], [1480, "1000 or more"]);
});

Deno.test("RefusalLog counts all, with every reason there from the beginning", async () => {
  using log = harness();
  for (let i = 0; i < 100; i++) log.note();
  const { text } = await log.metrics.render();
  assertStringIncludes(text, '\nhubbub_refusals_total{reason="rate"} 100\n');
  assertStringIncludes(text, '\nhubbub_refusals_total{reason="banned"} 0\n');
});

/** What clients would like to write into the log: lines, colours, a cursor that moves, text backwards. */
const HOSTILE =
  '/ws\r\n{"level":"error"}\n\x1b[31mred\x1b[0m\x9b2J\x07\b\u2028\u2029\u202eabc\u0000';

for (const [format, terminal] of [["json", false], ["pretty", false], ["pretty", true]] as const) {
  const where = terminal ? "a terminal" : "a file";
  Deno.test(`RefusalLog.note() lets a client break or colour no line: ${format} in ${where}`, async () => {
    using log = harness(format, terminal);
    log.note({ detail: HOSTILE, user: "u\n1", ip: "192.0.2.1\n" });
    const text = await log.text();
    assertEquals(text.split("\n").length, 2); // one line and its end
    // Level, time and category are coloured by us; red is what the client would like.
    // deno-lint-ignore no-control-regex
    const [line = ""] = text.replaceAll(/\x1b\[(?!31)\d*m/g, "").split("\n");
    assertEquals(line.match(/[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu), null, line);
  });
}

Deno.test("RefusalLog.note() cuts what is too long", async () => {
  using log = harness();
  log.note({ detail: "x".repeat(100_000) });
  const [line] = await log.lines();
  assertEquals(String(line?.["detail"]).length, 200);
});

Deno.test("RefusalLog.summarize() says at the end what was left out, and leaves no timer", async () => {
  using log = harness();
  for (let i = 0; i < 7; i++) log.note();
  assertEquals(log.timers, 1);
  await log.lines();
  log.summarize();
  assertEquals((await log.lines()).map(({ count }) => count), [2]);
  assertEquals(log.timers, 0);
});
