/** What earlier formats of `hubbub.db` become. Format 1 is from before there were users. */
import { assert, assertEquals } from "../../support/assert.ts";
import { DatabaseSync } from "node:sqlite";
import { toUserMessage } from "../../../store/messages.ts";
import type { Store, StoredMessage } from "../../../store/store.ts";
import { ANN, assertFinds, assertNoPrototype, commitOne, message, plain } from "../conformance.ts";
import { readExpected, readStored, writeHidden } from "../../fixtures/hidden_rooms.ts";
import { openStore, withDir } from "./harness.ts";

const FIXTURES = new URL("../../fixtures/", import.meta.url);
const CONFLICT = { refused: "conflict" } as const;
const FORMAT_1 = new URL("format-1/", FIXTURES);

/** Calls a function with a store of format 1's data. */
function withFormat1(run: (store: Store, dir: string) => Promise<void>): Promise<void> {
  return withDir(async (dir) => {
    await Deno.copyFile(new URL("data/hubbub.db", FORMAT_1), `${dir}/hubbub.db`);
    const store = await openStore(dir);
    await run(store, dir).finally(() => store.close());
  });
}

Deno.test("openSqliteStore() reads all messages of format 1, which belong to nobody", () =>
  withFormat1(async (store) => {
    const expected = JSON.parse(await Deno.readTextFile(new URL("expected.json", FORMAT_1)));
    assertEquals(
      (await store.rooms({ limit: 9 })).rooms.map(({ room }) => room),
      Object.keys(expected).sort(),
    );
    for (const room of Object.keys(expected)) {
      const { messages, complete } = await store.read(room, { limit: 100 });
      assert(complete && messages.every((message) => !("by" in message)));
      const shown = messages.map((stored) => toUserMessage(stored, { names: () => "somebody" }));
      assertEquals(plain(shown), expected[room]);
    }
    assertEquals(await store.roomsState(), {
      rooms: [],
      members: [],
      makers: [],
      spoken: Object.keys(expected).sort(),
    });
    assertEquals(await store.authored(ANN), { messages: [] });
  }));

Deno.test("openSqliteStore() has format 1's messages changed only by who may change nobody's", () =>
  withFormat1(async (store) => {
    const edit = { kind: "edit", room: "lobby", seq: 1, content: "new", time: 5 } as const;
    const no = { refused: "not_yours" } as const;
    for (const by of [ANN, "ann", ""]) assertEquals(await commitOne(store, { ...edit, by }), no);
    // The first change is the upgrade itself.
    assertEquals(await commitOne(store, { ...edit, by: ANN, also: "nobody" }), { change: 2 });
    const remove = { kind: "delete", room: "lobby", seq: 2 } as const;
    assertEquals(await commitOne(store, { ...remove, by: "ann" }), no);
    assertEquals(await commitOne(store, { ...remove, by: ANN, also: "anybody" }), { change: 3 });
    const { messages } = await store.read("lobby", { limit: 2, after: 0 });
    assertEquals(messages.map(({ content, deleted }) => [content, deleted]), [
      ["new", undefined],
      ["", true],
    ]);
  }));

Deno.test("openSqliteStore() keeps format 1's reactions beside those of a user of the same name", () =>
  withFormat1(async (store, dir) => {
    const react = { kind: "react", room: "lobby", seq: 3, from: "ann", emoji: "🎉" } as const;
    const both = { "🎉": [{ from: "ann" }, { by: ANN, from: "ann" }] };
    const joined = { change: 2, reaction: { on: true, count: 2 } };
    assertEquals(await commitOne(store, { ...react, by: ANN }), joined);
    await store.close();
    const again = await openStore(dir);
    const { messages } = await again.read("lobby", { limit: 1, before: 4 });
    assertEquals(plain(messages[0]?.reactions), both);
    assertNoPrototype(messages[0]);
    const alone = { change: 3, reaction: { on: false, count: 1 } };
    assertEquals(await commitOne(again, { ...react, by: ANN }), alone);
    await again.close();
  }));

Deno.test("openSqliteStore() takes a resend of format 1's message for a new one, whoever it is by", () =>
  withFormat1(async (store) => {
    const { messages: [first] } = await store.read("kitchen", { limit: 1 });
    assert(first?.id !== undefined);
    // "ann" is what the author was stored as. No user has that id, but one that is as short would.
    for (const [index, by] of [ANN, "ann", undefined].entries()) {
      const resent = message("kitchen", "soup", { id: first.id, from: "ann", by });
      assertEquals(await commitOne(store, resent), index + 2);
      const outcome = await commitOne(store, resent);
      assert(typeof outcome === "object" && "duplicate" in outcome);
      assertEquals(outcome.duplicate.seq, index + 2);
    }
    // To remove the old message is not to forget the id of the new one.
    await store.retain({ maxMessages: 3 }, 0);
    const again = message("kitchen", "soup", { id: first.id, by: undefined });
    const outcome = await commitOne(store, again);
    assert(typeof outcome === "object" && "duplicate" in outcome);
    assertEquals(outcome.duplicate.seq, 4);
  }));

Deno.test("openSqliteStore() finds format 1's messages, and hides them once their room is private", () =>
  withFormat1(async (store) => {
    await assertFinds(store, { words: "soup" }, ["soup"]);
    await assertFinds(store, { words: "日本" }, ["third 日本 🎉"]);
    await store.commit([{ kind: "room", room: "kitchen", private: true, topic: "" }]);
    await assertFinds(store, { words: "soup" }, []);
    await assertFinds(store, { words: "soup", also: ["kitchen"] }, ["soup"]);
  }));

Deno.test("openSqliteStore() counts format 1's messages as by others", () =>
  withFormat1(async (store) => {
    const rooms = [{ room: "lobby", read: 0 }];
    assertEquals(await store.unread({ user: ANN, name: "ann", rooms }), [
      { room: "lobby", last: 6, unread: 5, mentions: 0 },
    ]);
  }));

/** Formats from 2 on say what their `hubbub.db` contains. */
const SINCE_2 = Array.from(Deno.readDirSync(FIXTURES))
  .flatMap(({ name }) => /^format-\d+$/.test(name) && name !== "format-1" ? [name] : []);

for (const format of SINCE_2) {
  Deno.test(`openSqliteStore() reads all that ${format} contains`, () =>
    withDir(async (dir) => {
      const fixture = new URL(`${format}/`, FIXTURES);
      await Deno.copyFile(new URL("data/hubbub.db", fixture), `${dir}/hubbub.db`);
      assertEquals<unknown>(plain(await readStored(dir)), await readExpected(fixture));
    }));
}

/** Calls a function with a store of format 2's data. */
function withFormat2(run: (store: Store) => Promise<void>, prepare = ""): Promise<void> {
  return withDir(async (dir) => {
    const path = `${dir}/hubbub.db`;
    await Deno.copyFile(new URL("format-2/data/hubbub.db", FIXTURES), path);
    const db = new DatabaseSync(path);
    db.exec(prepare);
    db.close();
    const store = await openStore(dir);
    await run(store).finally(() => store.close());
  });
}

Deno.test("openSqliteStore() has whoever comes back from format 2 start over, once", () =>
  withFormat2(async (store) => {
    const { rooms } = await store.rooms({ limit: 100, also: "all" });
    assert(rooms.length > 2);
    for (const { room, last } of rooms) {
      const before = { since: last, changes: 0, epoch: store.epoch };
      assertEquals(await store.resume(room, before, 1000), undefined);
      const { change } = await store.read(room, { limit: 1 });
      const now = { ...before, changes: change, run: store.run };
      assertEquals((await store.resume(room, now, 1000))?.messages, []);
    }
  }));

Deno.test("openSqliteStore() knows which messages of format 2 retention had removed", () =>
  withFormat2(
    async (store) => {
      const { messages, complete } = await store.read("lobby", { limit: 100 });
      assertEquals([messages[0]?.seq, complete], [3, true]);
      const reply = message("lobby", "re", { reply_to: 2 });
      assertEquals(await commitOne(store, reply), { refused: "no_such_message" });
      assertEquals(await store.read("kitchen", { limit: 9 }), {
        messages: [],
        last: 1,
        change: 1,
        complete: true,
      });
      assertEquals(await commitOne(store, message("kitchen", "tea")), 2);
    },
    "DELETE FROM runs WHERE place % 4294967296 < 3; UPDATE rooms SET last = 1 WHERE name = 'kitchen'",
  ));

Deno.test("openSqliteStore() recognises resends of format 2's messages, edited ones whatever they say", () =>
  withFormat2(async (store) => {
    const { messages } = await store.read("lobby", { limit: 100 });
    const resent = ({ id, by, reply_to, file }: StoredMessage, content: string) =>
      commitOne(store, message("lobby", content, { id, by, reply_to, file }));
    let amended = 0;
    for (const stored of messages) {
      assertEquals(plain(await resent(stored, stored.content)), { duplicate: plain(stored) });
      const wasAmended = stored.edited !== undefined || stored.deleted === true;
      if (wasAmended) amended++;
      const expected = wasAmended || stored.file ? { duplicate: plain(stored) } : CONFLICT;
      assertEquals(plain(await resent(stored, "another")), expected);
    }
    assertEquals(amended, 2);
  }));

Deno.test("writeHidden() writes what a fixture needs besides public rooms", () =>
  withDir(async (dir) => {
    await writeHidden(dir);
    const { state, messages } = await readStored(dir);
    assertEquals(state.rooms.map((room) => room.private), [true]);
    assertEquals(state.members.map(({ read }) => read), [1, 0, 0]);
    assertEquals(messages.map(({ content }) => content), ["psst", "unread", "a secret"]);
  }));
