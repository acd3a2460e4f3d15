import { assertEquals, assertRejects, assertThrows } from "../support/assert.ts";
import { LostWriteError } from "../../sqlite/data_error.ts";
import { LogSync } from "../../sqlite/log_sync.ts";

/** A file whose syncs end when the test decides. */
class FakeFile {
  syncs: { resolve: () => void; reject: (error: Error) => void }[] = [];
  closed = 0;
  syncData(): Promise<void> {
    return new Promise((resolve, reject) => this.syncs.push({ resolve, reject }));
  }
  close(): void {
    this.closed++;
  }
}

/** Records in `log` when a promise settles. */
function note(log: string[], name: string, promise: Promise<void>): Promise<void> {
  return promise.then(() => void log.push(name), () => void log.push(`${name} failed`));
}

/** Resolves after all pending microtasks and timers of zero delay. */
const settle = () => new Promise<void>((resolve) => setTimeout(resolve));

Deno.test("LogSync.sync() waits for a sync that began after the call, and shares it", async () => {
  const file = new FakeFile();
  const log = new LogSync(file);
  const done: string[] = [];
  note(done, "first", log.sync());
  note(done, "second", log.sync());
  note(done, "third", log.sync());
  assertEquals(file.syncs.length, 1);
  file.syncs[0]!.resolve();
  await settle();
  assertEquals([done, file.syncs.length], [["first"], 2]);
  note(done, "fourth", log.sync());
  file.syncs[1]!.resolve();
  await settle();
  assertEquals([done, file.syncs.length], [["first", "second", "third"], 3]);
  file.syncs[2]!.resolve();
  await settle();
  assertEquals(done.at(-1), "fourth");
});

Deno.test("LogSync.settled() waits for every earlier sync, and starts none", async () => {
  const file = new FakeFile();
  const log = new LogSync(file);
  await log.settled();
  const done: string[] = [];
  log.sync();
  log.sync();
  note(done, "settled", log.settled());
  file.syncs[0]!.resolve();
  await settle();
  assertEquals(done, []);
  file.syncs[1]!.resolve();
  await settle();
  assertEquals(done, ["settled"]);
  assertEquals(file.syncs.length, 2);
});

Deno.test("LogSync.sync() rejects forever once the disk has failed", async () => {
  const file = new FakeFile();
  const log = new LogSync(file);
  const first = log.sync();
  const second = log.sync();
  log.assertWorks();
  file.syncs[0]!.reject(new Error("Input/output error (os error 5)"));
  const message =
    "The disk has failed (Input/output error): what was written last may or may not have been kept";
  await assertRejects(() => first, LostWriteError, message);
  await assertRejects(() => second, LostWriteError, message);
  assertEquals((await log.failed).message, message);
  await assertRejects(() => log.sync(), Error, message);
  await assertRejects(() => log.settled(), Error, message);
  assertThrows(() => log.assertWorks(), Error, message);
  assertEquals(file.syncs.length, 1);
});

Deno.test("LogSync.close() closes the file after pending syncs, even failed ones", async () => {
  for (const end of ["resolve", "reject"] as const) {
    const file = new FakeFile();
    const log = new LogSync(file);
    const sync = log.sync().catch(() => {});
    const closed = log.close();
    await settle();
    assertEquals(file.closed, 0);
    file.syncs[0]![end](new Error("gone"));
    await Promise.all([sync, closed]);
    assertEquals(file.closed, 1);
  }
});
