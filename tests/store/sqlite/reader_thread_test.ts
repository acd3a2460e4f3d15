import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { DamageError } from "../../../sqlite/data_error.ts";
import { DEADLINE, within } from "../../support/within.ts";
import { ReaderThread } from "../../../store/sqlite/reader_thread.ts";

const START = { nextId: 1, change: 0 };

const OPTIONS = () => ({ role: "search", main: "", search: "", epoch: "", start: START } as const);

const ROOMS = { limit: 1 };

const IGNORE = { indexed: () => {}, stuck: () => {} };

/** Rejects when the thread does not answer in time. */
function answered<T>(answer: Promise<T>): Promise<T> {
  return within(DEADLINE, "the reader's thread to answer", answer);
}

/** See `fake_reader_worker.ts`. */
function fakeThread(name: string): Worker {
  return new Worker(new URL("./fake_reader_worker.ts", import.meta.url), { type: "module", name });
}

Deno.test("ReaderThread.ask() rejects all pending questions when the thread dies, and starts another", async () => {
  const names = ["dies", "answers"];
  const reader = new ReaderThread(OPTIONS, IGNORE, () => fakeThread(names.shift() ?? ""));
  await answered(reader.open());
  const asked = [reader.ask("rooms", ROOMS), reader.ask("rooms", ROOMS)];
  for (const ask of asked) await assertRejects(() => answered(ask), Error, "out of order");
  reader.written(1);
  assertEquals((await answered(reader.ask("rooms", ROOMS))).complete, true);
  assertEquals(names, []);
  await answered(reader.close());
});

Deno.test("ReaderThread.ask() rejects with the error of the thread", async () => {
  const reader = new ReaderThread(OPTIONS, IGNORE, () => fakeThread("refuses"));
  const error = await assertRejects(
    () => answered(reader.ask("rooms", ROOMS)),
    Error,
    "no such page",
  );
  assert(!(error instanceof DamageError));
  await answered(reader.close());
  await answered(reader.close());
});

Deno.test("ReaderThread reports the events of the thread", async () => {
  const notified: unknown[] = [];
  const events = {
    indexed: (change: number) => notified.push(change),
    stuck: (message: string) => notified.push(message),
  };
  const reader = new ReaderThread(OPTIONS, events, () => fakeThread("talks"));
  await answered(reader.ask("rooms", ROOMS));
  assertEquals(notified, [7, "full"]);
  await answered(reader.close());
});

Deno.test("ReaderThread.open() rejects if the database does not exist", async () => {
  const reader = new ReaderThread(() => ({ ...OPTIONS(), main: "/nowhere/hubbub.db" }), IGNORE);
  await assertRejects(() => answered(reader.open()), Error, "unable to open database file");
  await answered(reader.close());
});

Deno.test("ReaderThread.ask() rejects with a DamageError if what is asked for is damaged", async () => {
  const reader = new ReaderThread(OPTIONS, IGNORE, () => fakeThread("is damaged"));
  await assertRejects(() => answered(reader.ask("rooms", ROOMS)), DamageError, "no such page");
  await answered(reader.close());
});
