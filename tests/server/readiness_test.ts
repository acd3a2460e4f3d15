import { Readiness, type ReadinessOptions } from "../../server/readiness.ts";
import { assertEquals } from "../support/assert.ts";
import { CapturedLogs } from "../support/captured_logs.ts";

const PAGE = { messages: [], last: 0, change: 0, complete: true };

/** Everything works, until the test says otherwise. */
class Harness {
  time = 0;
  /** Times that were noted. */
  readonly noted: number[] = [];
  read: () => Promise<typeof PAGE> = () => Promise.resolve(PAGE);
  write: () => Promise<void> = () => Promise.resolve();
  probe: () => Promise<void> = () => Promise.resolve();
  hasSpace: () => Promise<boolean> = () => Promise.resolve(true);

  open(options: Partial<ReadinessOptions> = {}): Readiness {
    const noteTime = (now: number) => {
      this.noted.push(now);
      return this.write();
    };
    return new Readiness({
      store: { read: () => this.read(), noteTime },
      people: { probe: () => this.probe() },
      files: { hasSpace: () => this.hasSpace() },
      now: () => 1_000_000 + this.time,
      steady: () => this.time,
      timeout: 30_000,
      ...options,
    });
  }
}

Deno.test("Readiness.check() finds nothing while everything works", async () => {
  const harness = new Harness();
  const readiness = harness.open();
  assertEquals([await readiness.check(), readiness.problems], [[], []]);
  assertEquals(harness.noted, [1_000_000]);
});

Deno.test("Readiness.check() says that data are damaged once that is known", async () => {
  const harness = new Harness();
  let damaged = false;
  const readiness = harness.open({ isDamaged: () => damaged });
  assertEquals(await readiness.check(), []);
  damaged = true;
  harness.time += 1000;
  assertEquals(await readiness.check(), ["data are damaged: the log says which"]);
});

Deno.test("Readiness.check() names each thing that does not work, and nothing that strangers may not know", async () => {
  const harness = new Harness();
  harness.read = () => Promise.reject(new Error(`Cannot open "/srv/secret/hubbub.db"`));
  harness.write = () => Promise.reject(new Error("Cannot commit: database or disk is full"));
  harness.probe = () => Promise.reject(new Error("No space left on device (os error 28)"));
  harness.hasSpace = () => Promise.resolve(false);
  assertEquals(await harness.open().check(), [
    "messages cannot be read: the log says why",
    "messages cannot be written: the disk is full",
    "people cannot be written: the disk is full",
    "uploads cannot be written: the disk is full",
  ]);
});

Deno.test("Readiness.check() does not wait for what does not answer", async () => {
  const harness = new Harness();
  harness.write = () => new Promise(() => {});
  const problems = await harness.open({ timeout: 1 }).check();
  assertEquals(problems, ["messages cannot be written: no answer within 1 ms"]);
});

Deno.test("Readiness.check() tries at most once a second, however often it is asked", async () => {
  const harness = new Harness();
  const gate = Promise.withResolvers<void>();
  harness.write = () => gate.promise;
  const readiness = harness.open();
  const together = [readiness.check(), readiness.check()];
  gate.reject(new Error("disk is full"));
  const problems = ["messages cannot be written: the disk is full"];
  assertEquals(await Promise.all(together), [problems, problems]);
  harness.write = () => Promise.resolve();
  harness.time = 999;
  assertEquals([await readiness.check(), harness.noted.length], [problems, 1]);
  harness.time = 1000;
  assertEquals([await readiness.check(), harness.noted.length], [[], 2]);
});

Deno.test("Readiness logs a problem once, and its end", async () => {
  using logs = new CapturedLogs();
  const harness = new Harness();
  harness.probe = () => Promise.reject(new Error("disk is full"));
  const readiness = harness.open();
  for (harness.time = 0; harness.time < 5000; harness.time += 1000) {
    if (harness.time === 3000) harness.probe = () => Promise.resolve();
    await readiness.check();
  }
  assertEquals(logs.lines.map((line) => /people|Ready again/.exec(line)?.[0]), [
    "people",
    "Ready again",
  ]);
});

Deno.test("Readiness.check() does not look for space where nothing can be uploaded", async () => {
  const { files: _, ...options } = {
    store: { read: () => Promise.resolve(PAGE), noteTime: () => Promise.resolve() },
    people: { probe: () => Promise.resolve() },
    files: undefined,
    now: () => 0,
    steady: () => 0,
  };
  assertEquals(await new Readiness(options).check(), []);
});
