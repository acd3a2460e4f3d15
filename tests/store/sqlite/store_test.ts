/** The SQLite store against the contract, and its own behaviour: files, restarts, errors at start. */
import { assert, assertEquals, assertNotEquals, assertRejects } from "../../support/assert.ts";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { DataError } from "../../../sqlite/data_error.ts";
import { openSqliteStore } from "../../../store/sqlite/store.ts";
import { MIGRATIONS } from "../../../store/sqlite/schema.ts";
import type { Authored, Store } from "../../../store/store.ts";
import {
  ANN,
  assertFinds,
  BOB,
  commitOne,
  contents,
  message,
  plain,
  say,
  testConformance,
} from "../conformance.ts";
import { messageCases } from "../message_cases.ts";
import { readingCases } from "../reading_cases.ts";
import { resendCases } from "../resend_cases.ts";
import { resumeCases } from "../resume_cases.ts";
import { roomCases } from "../room_cases.ts";
import { searchCases } from "../search_cases.ts";
import { openStore, withDir } from "./harness.ts";

testConformance(
  "openSqliteStore()",
  (run) =>
    withDir(async (dir) => {
      const store = await openStore(dir);
      await run(store).finally(() => store.close());
    }),
  [
    ...messageCases,
    ...readingCases,
    ...resendCases,
    ...resumeCases,
    ...roomCases,
    ...searchCases,
  ],
);

Deno.test("openSqliteStore() preserves everything across a restart, with each kind of sync", async () => {
  for (const sync of ["full", "normal", "off"] as const) {
    await withDir(async (dir) => {
      const before = await openSqliteStore({ dir, sync });
      await before.commit([
        message("lobby", "one", { id: "i" }),
        message("lobby", "two"),
        { kind: "react", room: "lobby", seq: 2, by: BOB, from: "bob", emoji: "x" },
        { kind: "room", room: "den", private: true, topic: "plans" },
        { kind: "member", room: "lobby", user: BOB, role: "owner" },
        message("lobby", "unread"),
      ]);
      const state = await before.roomsState();
      const page = plain(await before.read("lobby", { limit: 9 }));
      await before.close();
      const after = await openSqliteStore({ dir, sync });
      assertEquals(plain(await after.read("lobby", { limit: 9 })), page);
      const resent = await commitOne(after, message("lobby", "one", { id: "i" }));
      assertEquals(resent, { duplicate: page.messages[0]! });
      assertEquals(await say(after, "lobby", "next"), [4]);
      assertEquals(await after.roomsState(), state);
      assertEquals(state.members, [{ room: "lobby", user: BOB, role: "owner", read: 2 }]);
      assertEquals(after.epoch, before.epoch);
      await after.close();
    });
  }
});

Deno.test("openSqliteStore() gives each directory an epoch of its own", () =>
  withDir((first) =>
    withDir(async (second) => {
      const [a, b] = [await openStore(first), await openStore(second)];
      assertNotEquals(a.epoch, b.epoch);
      await a.close();
      await b.close();
    })
  ));

Deno.test("SqliteStore.retain() continues numbering after a restart", () =>
  withDir(async (dir) => {
    let store = await openStore(dir);
    await say(store, "lobby", "apple", "pear");
    await store.retain({ maxMessages: 0 }, 0);
    await store.close();
    store = await openStore(dir);
    assertEquals(await store.read("lobby", { limit: 5 }), {
      messages: [],
      last: 2,
      change: 1,
      complete: true,
    });
    assertEquals(await say(store, "lobby", "apple tart"), [3]);
    await assertFinds(store, { words: "apple" }, ["apple tart"]);
    await store.close();
  }));

Deno.test("SqliteStore.retain() removes many rooms and messages, step by step", () =>
  withDir(async (dir) => {
    const store = await openStore(dir);
    const rooms = Array.from({ length: 100 }, (_, index) => `room-${index}`);
    await store.commit(rooms.flatMap((room) => [1, 2, 3].map((n) => message(room, `${n}`))));
    const removing = store.retain({ maxMessages: 1 }, 0);
    await say(store, "room-99", "4");
    const removed = await removing;
    assertEquals(await contents(store, "room-0"), ["3"]);
    // Whether it was said before or after the last step depends on how much fits into one.
    const left = await contents(store, "room-99");
    assertEquals([removed, left], removed === 201 ? [201, ["4"]] : [200, ["3", "4"]]);
    assertEquals((await store.rooms({ limit: 1000 })).rooms.length, 100);
    await store.close();
  }));

/** The `seq`s of all that a user has written in the only room. */
async function allAuthored(store: Store, user: string): Promise<number[]> {
  const found: number[] = [];
  for (let after: number | undefined = 0; after !== undefined;) {
    const page: Authored = await store.authored(user, after);
    found.push(...page.messages.map(({ seq }) => seq));
    after = page.next;
  }
  return found;
}

Deno.test("SqliteStore.authored() finds each of thousands of messages once, and skips gaps", () =>
  withDir(async (dir) => {
    const store = await openStore(dir);
    const texts = (count: number) => Array.from({ length: count }, (_, index) => `${index}`);
    await say(store, "emptied", ...texts(9000));
    await store.retain({ maxMessages: 0 }, 0);
    // Pages of Ann's, and the parts of all messages in which Bob's are looked for, end within segments.
    const bobs: number[] = [];
    const anns: number[] = [];
    for (let seq = 1; seq <= 9000;) {
      const batch = [];
      for (; batch.length < 100; seq++) {
        const by = seq % 32 === 1 ? BOB : ANN;
        (by === BOB ? bobs : anns).push(seq);
        batch.push(message("lobby", "x", { by }));
      }
      await store.commit(batch);
    }
    assertEquals(await allAuthored(store, ANN), anns);
    assertEquals(await allAuthored(store, BOB), bobs);
    await store.close();
  }));

Deno.test("SqliteStore.commit() leaves no trace of deleted and replaced texts", () =>
  withDir(async (dir) => {
    const store = await openStore(dir);
    await say(store, "lobby", "before", "supersecret", "hushhush", "after");
    await assertFinds(store, { words: "supersecret" }, ["supersecret"]);
    await store.commit([
      { kind: "delete", room: "lobby", seq: 2, by: ANN },
      { kind: "edit", room: "lobby", seq: 3, content: "nothing", time: 1, by: ANN },
    ]);
    await assertFinds(store, { words: "supersecret" }, []);
    await assertFinds(store, { words: "nothing" }, ["nothing"]);
    await store.close();
    for (const name of ["hubbub.db", "search.db"]) {
      const bytes = new TextDecoder("latin1").decode(Deno.readFileSync(join(dir, name)));
      assert(bytes.includes("after"), name);
      assert(!bytes.includes("supersecret"), name);
      assert(!bytes.includes("hushhush"), name);
    }
  }));

Deno.test("SqliteStore.close() finishes pending work, is idempotent, and ends all use", () =>
  withDir(async (dir) => {
    const store = await openStore(dir);
    const committed = say(store, "lobby", "one");
    const page = store.read("lobby", { limit: 1 });
    const found = store.search({ text: { words: ["one"], phrases: [] }, limit: 1 });
    await Promise.all([store.close(), store.close()]);
    assertEquals(await committed, [1]);
    assertEquals((await page).last, 1);
    await found;
    const closed = "Cannot use the store: it is closed";
    await assertRejects(() => store.commit([message("lobby", "x")]), Error, closed);
    await assertRejects(() => store.read("lobby", { limit: 1 }), Error, closed);
    await assertRejects(
      () => store.search({ text: { words: ["x"], phrases: [] }, limit: 1 }),
      Error,
      closed,
    );
    await assertRejects(() => store.rooms({ limit: 1 }), Error, closed);
    await assertRejects(() => store.roomsState(), Error, closed);
    await assertRejects(() => store.unread({ user: ANN, name: "ann", rooms: [] }), Error, closed);
    await assertRejects(() => store.authored(ANN), Error, closed);
    await assertRejects(() => store.retain({ maxMessages: 1 }, 0), Error, closed);
    await assertRejects(() => store.noteTime(1), Error, closed);
    const position = { since: 0, changes: 0 };
    await assertRejects(() => store.resume("lobby", position, 1), Error, closed);
  }));

Deno.test("openSqliteStore() creates the directory and its parents", () =>
  withDir(async (dir) => {
    const store = await openStore(join(dir, "a", "b"));
    assertEquals(await say(store, "lobby", "x"), [1]);
    await store.close();
  }));

Deno.test("openSqliteStore() refuses a directory that another store uses, until it is closed", () =>
  withDir(async (dir) => {
    const first = await openStore(dir);
    const error = await assertRejects(() => openStore(dir), DataError);
    assertEquals(
      error.message,
      `Cannot use the data directory "${dir}": another server is using it; stop it, or choose ` +
        `another directory`,
    );
    assertEquals(await say(first, "lobby", "still works"), [1]);
    await first.close();
    await (await openStore(dir)).close();
  }));

Deno.test("openSqliteStore() refuses a directory that cannot be created", () =>
  withDir(async (dir) => {
    const path = join(dir, "file", "data");
    Deno.writeTextFileSync(join(dir, "file"), "");
    const error = await assertRejects(() => openStore(path), DataError);
    // The system's message is in between.
    assert(error.message.startsWith(`Cannot use the data directory "${path}": `));
    const fix = "; make it a directory that this user can write to, or choose another directory";
    assert(error.message.endsWith(fix));
    assertEquals(error.message.includes("os error"), false);
  }));

Deno.test("openSqliteStore() refuses files that are not databases, and releases everything", () =>
  withDir(async (dir) => {
    Deno.writeTextFileSync(join(dir, "hubbub.db"), "This is a text. ".repeat(100));
    const error = await assertRejects(() => openStore(dir), DataError);
    assertEquals(
      error.message,
      `Cannot open "${join(dir, "hubbub.db")}": it is damaged (file is not a database); run ` +
        `"hubbub check --repair", or put back a backup with "hubbub restore"`,
    );
    Deno.removeSync(join(dir, "hubbub.db"));
    await (await openStore(dir)).close();
  }));

Deno.test("openSqliteStore() refuses data of a newer version", () =>
  withDir(async (dir) => {
    const path = join(dir, "hubbub.db");
    const db = new DatabaseSync(path);
    db.exec(`PRAGMA user_version = ${MIGRATIONS.length + 1}`);
    db.close();
    const error = await assertRejects(() => openStore(dir), DataError);
    assertEquals(
      error.message,
      `Cannot open "${path}": it was written by a newer version (format ` +
        `${MIGRATIONS.length + 1}, this one reads up to ${MIGRATIONS.length}); run that version, ` +
        `or choose another directory`,
    );
  }));
