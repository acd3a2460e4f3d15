import { assertEquals, assertRejects } from "../../support/assert.ts";
import { Reader } from "../../../store/sqlite/reader.ts";

const OPTIONS = () => ({ main: "", search: "", epoch: "", start: { next: 1, change: 0 } });

const IGNORE = { followed: () => {}, stuck: () => {} };

/** See `odd_thread.ts`. */
function oddThread(name: string): Worker {
  return new Worker(new URL("./odd_thread.ts", import.meta.url), { type: "module", name });
}

Deno.test("Reader.ask() rejects everything that is waited for when the thread dies, and starts another", async () => {
  const names = ["dies", "answers"];
  const reader = new Reader(OPTIONS, IGNORE, () => oddThread(names.shift() ?? ""));
  await reader.open();
  const asked = [reader.ask("rooms", undefined), reader.ask("rooms", undefined)];
  for (const ask of asked) await assertRejects(() => ask, Error, "out of order");
  reader.written(1);
  assertEquals(await reader.ask("rooms", undefined), []);
  assertEquals(names, []);
  await reader.close();
});

Deno.test("Reader.ask() rejects with what the thread says", async () => {
  const reader = new Reader(OPTIONS, IGNORE, () => oddThread("refuses"));
  await assertRejects(() => reader.ask("rooms", undefined), Error, "no such page");
  await reader.close();
  await reader.close();
});

Deno.test("Reader passes on what the thread says unasked", async () => {
  const told: unknown[] = [];
  const events = {
    followed: (change: number) => told.push(change),
    stuck: (message: string) => told.push(message),
  };
  const reader = new Reader(OPTIONS, events, () => oddThread("talks"));
  await reader.ask("rooms", undefined);
  assertEquals(told, [7, "full"]);
  await reader.close();
});

Deno.test("Reader.open() rejects if there is nothing to read", async () => {
  const reader = new Reader(() => ({ ...OPTIONS(), main: "/nowhere/hubbub.db" }), IGNORE);
  await assertRejects(() => reader.open(), Error, "unable to open database file");
  await reader.close();
});
