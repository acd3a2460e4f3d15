/** What is damaged is never read as sound: a read fails, and says what is wrong and what to do. */
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { DamageError } from "../../../sqlite/data_error.ts";
import type { Store } from "../../../store/store.ts";
import { ANN, commitOne, message, say } from "../conformance.ts";
import { openStore, withDir } from "./harness.ts";

/** A store with rooms of three segments, damaged by SQL. */
function withDamage(sql: string, run: (store: Store) => Promise<void>): Promise<void> {
  return withDir(async (dir) => {
    const before = await openStore(dir);
    for (const room of ["sound", "lobby", "other"]) {
      for (const text of ["1", "2", "3"]) {
        await before.commit([message(room, text, { id: text }), message(room, text)]);
      }
    }
    await before.close();
    const db = new DatabaseSync(join(dir, "hubbub.db"));
    db.exec(sql);
    db.close();
    const store = await openStore(dir);
    await run(store).finally(() => store.close());
  });
}

async function assertDamaged(read: () => Promise<unknown>, what: string): Promise<void> {
  const error = await assertRejects(read, DamageError);
  assertEquals(error.message, `Cannot read ${what}; stop the server and run "hubbub check"`);
}

const LOBBY = "place >= 2 * 4294967296 AND place < 3 * 4294967296";
const MIDDLE = "place = 2 * 4294967296 + 3";
const POSITION = { since: 1, changes: 0 };

const CASES: Record<string, { sql: string; what: string }> = {
  "whose middle is missing": {
    sql: `DELETE FROM runs WHERE ${MIDDLE}`,
    what: 'messages 3 to 4 of room "lobby" in hubbub.db: they are missing',
  },
  "whose middle cannot be decoded": {
    sql: `UPDATE runs SET messages = substr(messages, 2) WHERE ${MIDDLE}`,
    what: 'messages 3 to 4 of room "lobby" in hubbub.db: they cannot be decoded',
  },
  "whose middle has another form": {
    sql: `UPDATE runs SET messages = '[[1, "ann", "x"], [1, null, "x"]]' WHERE ${MIDDLE}`,
    what: 'messages 3 to 4 of room "lobby" in hubbub.db: they cannot be decoded',
  },
  "whose middle has too few messages": {
    sql: `UPDATE runs SET messages = '[[1, "ann", "x"]]' WHERE ${MIDDLE}`,
    what: 'messages 3 to 4 of room "lobby" in hubbub.db: they cannot be decoded',
  },
};

for (const [name, { sql, what }] of Object.entries(CASES)) {
  Deno.test(`SqliteStore refuses to read a room ${name}, and reads the others`, () =>
    withDamage(sql, async (store) => {
      await assertDamaged(() => store.read("lobby", { limit: 50 }), what);
      await assertDamaged(() => store.read("lobby", { limit: 50, after: 1 }), what);
      await assertDamaged(() => store.resume("lobby", POSITION, 50), what);
      assertEquals((await store.read("sound", { limit: 50 })).messages.length, 6);
      // A page beside the damage is sound.
      assertEquals((await store.read("lobby", { limit: 2 })).messages.length, 2);
      assertEquals((await store.read("lobby", { limit: 2, before: 3 })).messages.length, 2);
    }));
}

Deno.test("SqliteStore refuses to read a room whose oldest messages are missing", () =>
  withDamage(`DELETE FROM runs WHERE place = 2 * 4294967296 + 1`, async (store) => {
    const what = 'messages 1 to 2 of room "lobby" in hubbub.db: they are missing';
    await assertDamaged(() => store.read("lobby", { limit: 50 }), what);
    await assertDamaged(() => store.read("lobby", { limit: 50, before: 3 }), what);
  }));

Deno.test("SqliteStore refuses to read a room that has none of its messages", () =>
  withDamage(`DELETE FROM runs WHERE ${LOBBY}`, async (store) => {
    const what = 'message 1 of room "lobby" in hubbub.db: it is missing';
    await assertDamaged(() => store.read("lobby", { limit: 50 }), what);
    await assertDamaged(() => store.resume("lobby", { since: 0, changes: 0 }, 50), what);
    await assertDamaged(() => say(store, "lobby", "x"), what);
    assertEquals((await store.read("sound", { limit: 50 })).messages.length, 6);
  }));

for (const room of ["lobby", "other"]) {
  Deno.test(`SqliteStore takes no room for a new one while that of messages is missing (${room})`, () =>
    withDamage(`DELETE FROM rooms WHERE name = '${room}'`, async (store) => {
      const what = "the list of rooms in hubbub.db: it lacks rooms whose messages are there";
      await assertDamaged(() => store.read(room, { limit: 50 }), what);
      await assertDamaged(() => store.resume(room, { since: 0, changes: 0 }, 50), what);
      await assertDamaged(() => say(store, room, "x"), what);
      assertEquals((await store.read("sound", { limit: 50 })).messages.length, 6);
      assertEquals(await say(store, "sound", "on"), [7]);
    }));
}

Deno.test("SqliteStore.commit() refuses to change a message that is missing, and commits the rest", () =>
  withDamage(`DELETE FROM runs WHERE ${MIDDLE}`, async (store) => {
    const missing = { refused: "no_such_message" } as const;
    const edit = { kind: "edit", room: "lobby", content: "x", time: 1, by: ANN } as const;
    const outcomes = await store.commit([
      { ...edit, seq: 3 },
      message("lobby", "2", { id: "2" }),
      message("lobby", "on"),
    ]);
    assertEquals(outcomes, [missing, missing, 7]);
    assertEquals(await commitOne(store, { ...edit, seq: 1 }), { change: 1 });
  }));

Deno.test("SqliteStore.retain() leaves a damaged room as it is, warns, and goes on with the others", () =>
  withDamage(`DELETE FROM runs WHERE ${MIDDLE}`, async (store) => {
    assertEquals(await store.retain({ maxMessages: 1 }, 0), 10);
    assertEquals((await store.read("lobby", { limit: 2, before: 3 })).messages.length, 2);
    assertEquals((await store.read("other", { limit: 9 })).messages.length, 1);
  }));

Deno.test("SqliteStore refuses to read pages that were overwritten, and says which file", () =>
  withDir(async (dir) => {
    const path = join(dir, "hubbub.db");
    const before = await openStore(dir);
    for (let n = 0; n < 400; n++) await say(before, "lobby", "x".repeat(1000));
    await before.close();
    const file = Deno.openSync(path, { write: true });
    file.seekSync(Math.floor(file.statSync().size / 2), Deno.SeekMode.Start);
    file.writeSync(crypto.getRandomValues(new Uint8Array(16_384)));
    file.close();
    const store = await openStore(dir);
    try {
      const error = await assertRejects(() => store.read("lobby", { limit: 1000 }), DamageError);
      assert(error.message.includes("hubbub.db") && error.message.includes('"lobby"'));
      assert(error.message.includes("hubbub check") && !error.message.includes("\n"));
    } finally {
      await store.close();
    }
  }));
