/** The SQLite store and the memory store answer alike, whatever is asked of them. */
import * as fc from "fast-check";
import { join } from "node:path";
import { assertEquals } from "../../support/assert.ts";
import { codePoint } from "../../support/code_point.ts";
import { createMemoryStore } from "../../../store/memory/store.ts";
import { connectReader } from "../../../sqlite/connect.ts";
import { migrate } from "../../../sqlite/migrate.ts";
import { connectLogWriter } from "../../../store/sqlite/connect.ts";
import { History } from "../../../store/sqlite/history.ts";
import { MIGRATIONS } from "../../../store/sqlite/schema.ts";
import { Writer } from "../../../store/sqlite/writer.ts";
import type { AuthorField } from "../../../protocol.ts";
import type { Change, NewMessage, Range, Retention, Store } from "../../../store/store.ts";
import { plain } from "../conformance.ts";
import { FILE } from "../message_cases.ts";
import { withDir } from "./harness.ts";

const ROOMS = ["a", "b"];

/** Milliseconds since 1970. */
const NOW = 1000;

const room = fc.constantFrom(...ROOMS);
const name = fc.constantFrom("ann", "Ann", "bob");
const seq = fc.integer({ min: 0, max: 200 });
const text = fc.oneof(fc.string({ unit: codePoint }), fc.constantFrom("x", "\ud800", "a\0b"));
const by = fc.oneof(fc.constant("any" as const), fc.subarray(["ann", "bob"]));

/** Every optional field of a new message. */
const optional: { [K in AuthorField]: fc.Arbitrary<NewMessage[K]> } = {
  id: fc.constantFrom("1", "2", "3", '"', "\ud800", "\ud801", undefined),
  reply_to: fc.constantFrom(1, 7, undefined),
  file: fc.constantFrom(FILE, undefined),
};

const newMessage: fc.Arbitrary<NewMessage> = fc.record({
  kind: fc.constant("message"),
  room,
  from: name,
  content: text,
  time: fc.integer({ min: 0, max: 1000 }),
  ...optional,
}, { requiredKeys: ["kind", "room", "from", "content", "time"] });

const amendment = fc.oneof(
  fc.record({ kind: fc.constant("edit" as const), room, seq, content: text, time: seq, by }),
  fc.record({ kind: fc.constant("delete" as const), room, seq, by }),
  fc.record({
    kind: fc.constant("react" as const),
    room,
    seq,
    from: name,
    emoji: fc.constantFrom("👍", "1", "__proto__"),
  }),
);

const batch: fc.Arbitrary<Change[]> = fc.oneof(
  fc.array(newMessage, { maxLength: 150 }),
  fc.array(fc.oneof(newMessage, amendment), { maxLength: 20 }),
);

const policy: fc.Arbitrary<Retention> = fc.oneof(
  fc.integer({ min: 0, max: 100 }).map((maxMessages) => ({ maxMessages })),
  fc.integer({ min: 0, max: 1000 }).map((maxAge) => ({ maxAge })),
);

const range: fc.Arbitrary<Range> = fc.record(
  { after: seq, before: seq, limit: fc.integer({ min: 1, max: 100 }) },
  { requiredKeys: ["limit"] },
);

type Step = { batch: Change[] } | { policy: Retention } | { range: Range } | "reopen";

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ batch }) },
    { weight: 1, arbitrary: fc.record({ policy }) },
    { weight: 4, arbitrary: fc.record({ range }) },
    { weight: 1, arbitrary: fc.constant("reopen" as const) },
  ),
  { maxLength: 25 },
);

/** The SQLite store's writer and history, without threads and timers. */
class DirectStore {
  #path: string;
  #writer!: Writer;
  #history!: History;

  constructor(dir: string) {
    this.#path = join(dir, "hubbub.db");
    this.open();
  }

  open(): void {
    const db = connectLogWriter(this.#path, "off");
    migrate(db, this.#path, MIGRATIONS);
    this.#writer = new Writer(db);
    this.#history = new History(connectReader(this.#path));
  }

  close(): void {
    this.#history.close();
    this.#writer.close();
  }

  run(step: Exclude<Step, "reopen">): unknown {
    if ("batch" in step) return this.#writer.commit(step.batch);
    if ("policy" in step) {
      const progress = { removed: 0, roomId: 0, done: false };
      while (!progress.done) this.#writer.retain(step.policy, NOW, progress);
      return progress.removed;
    }
    const pages = ROOMS.map((room) => this.#history.read(room, step.range));
    return [pages, this.#history.rooms()];
  }
}

async function runInMemory(store: Store, step: Exclude<Step, "reopen">): Promise<unknown> {
  if ("batch" in step) return await store.commit(step.batch);
  if ("policy" in step) return await store.retain(step.policy, NOW);
  const pages = await Promise.all(ROOMS.map((room) => store.read(room, step.range)));
  return [pages, await store.rooms()];
}

async function compare(dir: string, steps: readonly Step[]): Promise<void> {
  const memory = createMemoryStore();
  const sqlite = new DirectStore(dir);
  try {
    for (const step of steps) {
      if (step === "reopen") {
        sqlite.close();
        sqlite.open();
      } else {
        assertEquals(plain(sqlite.run(step)), plain(await runInMemory(memory, step)));
      }
    }
  } finally {
    sqlite.close();
  }
}

Deno.test("Writer and History answer like the memory store, whatever is asked", () =>
  fc.assert(
    fc.asyncProperty(steps, (steps) => withDir((dir) => compare(dir, steps))),
    { numRuns: 150 },
  ));
