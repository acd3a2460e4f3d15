import { assertEquals, assertRejects } from "../support/assert.ts";
import { QuickSync } from "../../sqlite/log_sync.ts";

/** A file whose syncs take a set time on a clock of its own. */
class FakeFile {
  now = 0;
  takes = 0.1;
  ways: string[] = [];
  failure: Error | undefined;
  syncData(): Promise<void> {
    this.ways.push("thread");
    this.now += this.takes;
    return Promise.resolve();
  }
  syncDataSync(): void {
    this.ways.push("loop");
    this.now += this.takes;
    if (this.failure !== undefined) throw this.failure;
  }
  close(): void {
    this.ways.push("closed");
  }
}

async function syncTimes(sync: QuickSync, times: number): Promise<void> {
  for (let time = 0; time < times; time++) await sync.syncData();
}

Deno.test("QuickSync.syncData() syncs on the loop once the disk has proved fast", async () => {
  const file = new FakeFile();
  const sync = new QuickSync(file, () => file.now);
  await syncTimes(sync, 3);
  assertEquals(file.ways, ["thread", "loop", "loop"]);
  sync.close();
  assertEquals(file.ways.at(-1), "closed");
});

Deno.test("QuickSync.syncData() moves to a thread after sixteen slow syncs, and back after a fast one", async () => {
  const file = new FakeFile();
  const sync = new QuickSync(file, () => file.now);
  await syncTimes(sync, 1);
  file.takes = 10;
  file.ways = [];
  await syncTimes(sync, 20);
  assertEquals(file.ways.filter((way) => way === "loop").length, 16);
  assertEquals(file.ways.slice(16), ["thread", "thread", "thread", "thread"]);
  file.takes = 0.2;
  file.ways = [];
  await syncTimes(sync, 2);
  assertEquals(file.ways, ["thread", "loop"]);
});

Deno.test("QuickSync.syncData() rejects when the disk fails, on the loop too", async () => {
  const file = new FakeFile();
  const sync = new QuickSync(file, () => file.now);
  await sync.syncData();
  file.failure = new Error("Input/output error");
  await assertRejects(() => sync.syncData(), Error, "Input/output error");
});
