import { Upkeep, type UpkeepOptions } from "../../server/upkeep.ts";
import { assertEquals } from "../support/assert.ts";
import { CapturedLogs } from "../support/captured_logs.ts";

const START = Date.UTC(2026, 0, 15, 12);

/** Notes what it is asked to do, and by which time. */
class Harness {
  readonly asked: string[] = [];
  clock: { now: () => number; warning: string | undefined } = {
    now: () => START,
    warning: undefined,
  };
  note: () => Promise<void> = () => Promise.resolve();
  retainEmptyRooms = 0;

  open(retention: UpkeepOptions["retention"] = {}): Upkeep {
    const ask = (what: string, now: number) => this.asked.push(`${what} ${now - START}`);
    return new Upkeep({
      store: {
        noteTime: (now) => {
          ask("note", now);
          return this.note();
        },
        retain: (_, now) => Promise.resolve((ask("retain", now), 2)),
      },
      files: { collect: (now) => Promise.resolve((ask("collect", now), 0)) },
      visits: {
        sweep: (now = 0) => Promise.resolve(void ask("sweep", now)),
        describe: () => Promise.resolve(new Map()),
      },
      // Nothing is kept in a hub; what is asked of one is noted.
      hub: { command: ({ refused }) => (ask("expire", START), refused(new Error("no hub"))) },
      retainEmptyRooms: this.retainEmptyRooms,
      retention,
      // Whatever the test puts there.
      clock: Object.create(null, {
        now: { value: () => this.clock.now() },
        warning: { get: () => this.clock.warning },
      }),
    });
  }
}

Deno.test("Upkeep notes the time and removes at its start, and notes it when it stops", async () => {
  using logs = new CapturedLogs();
  const harness = new Harness();
  const upkeep = harness.open({ maxAge: 1000 });
  assertEquals(harness.asked.toSorted(), ["collect 0", "note 0", "retain 0", "sweep 0"]);
  harness.clock = { now: () => START + 7, warning: undefined };
  await upkeep.stop();
  assertEquals(harness.asked.at(-1), "note 7");
  assertEquals(logs.lines.map((line) => /Removed 2 old messages/.test(line)), [true]);
});

Deno.test("Upkeep removes no messages if nothing limits them", async () => {
  const harness = new Harness();
  await harness.open().stop();
  assertEquals(harness.asked.filter((one) => one.startsWith("retain")), []);
});

Deno.test("Upkeep removes empty rooms unless they are kept forever", async () => {
  using _logs = new CapturedLogs();
  const harness = new Harness();
  await harness.open().stop();
  assertEquals(harness.asked.includes("expire 0"), false);
  harness.retainEmptyRooms = 1000;
  await harness.open().stop();
  assertEquals(harness.asked.includes("expire 0"), true);
});

Deno.test("Upkeep removes as of the plausible time, and says once why that is not the clock's", async () => {
  using logs = new CapturedLogs();
  const harness = new Harness();
  harness.clock = { now: () => START - 500, warning: "The clock says nonsense" };
  const upkeep = harness.open({ maxMessages: 1 });
  assertEquals(harness.asked.toSorted(), [
    "collect -500",
    "note -500",
    "retain -500",
    "sweep -500",
  ]);
  await upkeep.tend();
  harness.clock = { now: () => START, warning: undefined };
  await upkeep.tend();
  await upkeep.stop();
  const told = logs.lines.map((line) => /says nonsense|plausible again/.exec(line)?.[0]);
  assertEquals(told.filter((one) => one !== undefined), ["says nonsense", "plausible again"]);
});

Deno.test("Upkeep says once that the time cannot be noted, and goes on", async () => {
  using logs = new CapturedLogs();
  const harness = new Harness();
  harness.note = () => Promise.reject(new Error("disk is full"));
  const upkeep = harness.open();
  await upkeep.tend();
  await upkeep.tend();
  await upkeep.stop();
  assertEquals(logs.lines.filter((line) => /Cannot note the time/.test(line)).length, 1);
});
