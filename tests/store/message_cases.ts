/**
 * The promises about committing and changing messages: numbering, batches, resends, edits, deletions
 * and reactions.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import {
  ANN,
  assertNoPrototype,
  BOB,
  type Case,
  commitOne,
  contents,
  message,
  plain,
  say,
} from "./conformance.ts";
import type { FileInfo } from "../../protocol.ts";

export const FILE: FileInfo = {
  id: "f1",
  name: "plan.pdf",
  size: 12,
  media_type: "application/pdf",
  url: "/files/f1/plan.pdf",
  sha256: "00",
};

export const messageCases: Case[] = [
  {
    name: "commit() numbers each room's messages 1, 2, 3 over several batches",
    run: async ({ store, room }) => {
      const [a, b] = [room("a"), room("b")];
      const first = await store.commit([message(a, "1"), message(b, "1"), message(a, "2")]);
      const second = await store.commit([message(b, "2"), message(a, "3")]);
      assertEquals([first, second], [[1, 1, 2], [2, 3]]);
      assertEquals(await contents(store, a), ["1", "2", "3"]);
      assertEquals(await contents(store, b), ["1", "2"]);
    },
  },
  {
    name: "commit() applies batches in the order of the calls",
    run: async ({ store, room }) => {
      const calls = Array.from({ length: 20 }, (_, i) => say(store, room(), `${i}a`, `${i}b`));
      const outcomes = (await Promise.all(calls)).flat();
      assertEquals(outcomes, Array.from({ length: 40 }, (_, i) => i + 1));
      const expected = Array.from({ length: 20 }, (_, i) => [`${i}a`, `${i}b`]).flat();
      assertEquals(await contents(store, room()), expected);
    },
  },
  {
    name: "commit() stores a batch of 3,000 messages in order",
    run: async ({ store, room }) => {
      const texts = Array.from({ length: 3000 }, (_, i) => `text ${i}`);
      assertEquals((await say(store, room(), ...texts)).at(-1), 3000);
      assertEquals(await contents(store, room()), texts);
    },
  },
  {
    name: "commit() accepts an empty batch",
    run: async ({ store }) => assertEquals(await store.commit([]), []),
  },
  {
    name: "commit() stores every field, and no other",
    run: async ({ store, room }) => {
      const full = { by: BOB, id: "x1", reply_to: 1, file: FILE, from: "Änn", time: 1700000000123 };
      const bare = message(room(), "bare", { by: undefined });
      await store.commit([bare, message(room(), "plan.pdf", full)]);
      const { messages } = await store.read(room(), { limit: 2 });
      assertEquals(messages, [
        { room: room(), seq: 1, content: "bare", from: "ann", time: 1000 },
        { room: room(), seq: 2, content: "plan.pdf", ...full },
      ]);
    },
  },
  {
    name: "commit() preserves any text to the character",
    run: async ({ store, room }) => {
      const texts = ["", "\0", "a\0b", "\ud800 lone", "\udfff", "'\"\\;--", "\n\r\t\u2028", "𝒳👩‍💻é"]
        .concat("中".repeat(5000), "\u0001\u001f\u007f\ufeff", '{"a":1}', "null");
      await say(store, room(), ...texts);
      assertEquals(await contents(store, room()), texts);
    },
  },
  {
    name: "commit() answers a resend with the message in its current state",
    run: async ({ store, room }) => {
      const sent = message(room(), "hi", { id: "i1", from: "Ann" });
      await store.commit([sent, message(room(), "other")]);
      await store.commit([
        { kind: "edit", room: room(), seq: 1, content: "hello", time: 2000, by: ANN },
        { kind: "react", room: room(), seq: 1, by: BOB, from: "bob", emoji: "👍" },
      ]);
      const outcome = await commitOne(store, { ...sent, from: "renamed", time: 3000 });
      const expected = { room: room(), seq: 1, time: 1000, from: "Ann", by: ANN, content: "hello" };
      assertEquals(plain(outcome), {
        duplicate: {
          ...expected,
          id: "i1",
          edited: 2000,
          reactions: { "👍": [{ by: BOB, from: "bob" }] },
        },
      });
      assertEquals(await commitOne(store, message(room(), "next")), 3);
    },
  },
  {
    name: "commit() recognises a resend within one batch, even after a change to the message",
    run: async ({ store, room }) => {
      const sent = message(room(), "hi", { id: "i1" });
      const outcomes = await store.commit([
        sent,
        sent,
        { kind: "edit", room: room(), seq: 1, content: "ho", time: 5, by: ANN },
        sent,
        message(room(), "next"),
      ]);
      const kept = {
        ...{ room: room(), seq: 1, time: 1000 },
        ...{ from: "ann", by: ANN, content: "hi", id: "i1" },
      };
      assertEquals(outcomes, [
        1,
        { duplicate: kept },
        { change: 1 },
        { duplicate: { ...kept, content: "ho", edited: 5 } },
        2,
      ]);
    },
  },
  {
    name: "commit() treats the same id of another author or in another room as new",
    run: async ({ store, room }) => {
      const outcomes = await store.commit([
        message(room(), "1", { id: "same" }),
        message(room(), "2", { id: "same", by: BOB }),
        message(room("b"), "1", { id: "same" }),
        message(room(), "3", { id: "Same" }),
        message(room(), "4", { id: "same", by: ANN.toLowerCase() }),
      ]);
      assertEquals(outcomes, [1, 2, 1, 3, 4]);
    },
  },
  {
    name: "commit() recognises a resend of a message without an author, which is nobody else's",
    run: async ({ store, room }) => {
      const sent = message(room(), "hi", { id: "i", by: undefined });
      assertEquals(await commitOne(store, sent), 1);
      assertEquals(await commitOne(store, message(room(), "hi", { id: "i" })), 2);
      const outcome = await commitOne(store, sent);
      assert(typeof outcome === "object" && "duplicate" in outcome);
      assertEquals([outcome.duplicate.seq, "by" in outcome.duplicate], [1, false]);
    },
  },
  {
    name: "commit() distinguishes unusual ids",
    run: async ({ store, room }) => {
      const ids = ["\ud800", "\ud801", "\ufffd", '"\\ud800"', "a\0b", "a\0c", "a", "__proto__"];
      const batch = ids.map((id) => message(room(), "x", { id }));
      assertEquals(await store.commit(batch), ids.map((_, index) => index + 1));
      for (const [index, outcome] of (await store.commit(batch)).entries()) {
        assert(typeof outcome === "object" && "duplicate" in outcome);
        assertEquals([outcome.duplicate.seq, outcome.duplicate.id], [index + 1, ids[index]]);
      }
    },
  },
  {
    name: "commit() changes messages only for their author, or whom `also` permits it",
    run: async ({ store, room }) => {
      await store.commit([
        message(room(), "ann's", { from: "bob" }),
        message(room(), "nobody's", { by: undefined }),
      ]);
      const edit = { kind: "edit", room: room(), time: 9 } as const;
      const remove = { kind: "delete", room: room() } as const;
      const no = { refused: "not_yours" } as const;
      for (const change of [{ ...edit, content: "x" }, remove]) {
        const outcomes = await store.commit([
          { ...change, seq: 1, by: BOB },
          { ...change, seq: 1, by: BOB, also: "nobody" },
          { ...change, seq: 1, by: "bob" },
          { ...change, seq: 2, by: ANN },
          { ...change, seq: 2, by: "" },
          { ...change, seq: 2, by: "ann" },
        ]);
        assertEquals(outcomes, [no, no, no, no, no, no]);
        assertEquals(await contents(store, room()), ["ann's", "nobody's"]);
      }
      const outcomes = await store.commit([
        { ...edit, seq: 1, by: ANN, content: "1" },
        { ...edit, seq: 1, by: BOB, content: "2", time: 10, also: "anybody" },
        { ...edit, seq: 2, by: BOB, content: "3", also: "anybody" },
        { ...edit, seq: 2, by: BOB, content: "4", also: "nobody" },
      ]);
      assertEquals(outcomes, [1, 2, 3, 4].map((change) => ({ change })));
      const { messages } = await store.read(room(), { limit: 2 });
      assertEquals(messages, [
        { room: room(), seq: 1, time: 1000, from: "bob", by: ANN, content: "2", edited: 10 },
        { room: room(), seq: 2, time: 1000, from: "ann", content: "4", edited: 9 },
      ]);
      const removed = await store.commit([
        { ...remove, seq: 1, by: ANN },
        { ...remove, seq: 2, by: ANN, also: "nobody" },
      ]);
      assertEquals(removed, [{ change: 5 }, { change: 6 }]);
    },
  },
  {
    name: "commit() refuses to change missing messages, and applies the rest of the batch",
    run: async ({ store, room }) => {
      const [by, also] = [BOB, "anybody" as const];
      const outcomes = await store.commit([
        message(room(), "only"),
        { kind: "edit", room: room(), seq: 2, content: "x", time: 1, by, also },
        { kind: "delete", room: room(), seq: 0, by, also },
        { kind: "delete", room: room(), seq: 2 ** 40, by, also },
        { kind: "react", room: room(), seq: 9, by: ANN, from: "ann", emoji: "x" },
        { kind: "edit", room: room("unknown"), seq: 1, content: "x", time: 1, by, also },
        message(room(), "second"),
      ]);
      const no = { refused: "no_such_message" } as const;
      assertEquals(outcomes, [1, no, no, no, no, no, 2]);
    },
  },
  {
    name: "commit() deletes text, file and reactions but keeps the seq",
    run: async ({ store, room }) => {
      await store.commit([
        message(room(), "before"),
        message(room(), "plan.pdf", { id: "i", reply_to: 1, file: FILE }),
        { kind: "react", room: room(), seq: 2, by: BOB, from: "bob", emoji: "x" },
        { kind: "edit", room: room(), seq: 2, content: "y", time: 9, by: ANN },
      ]);
      const remove = { kind: "delete", room: room(), seq: 2 } as const;
      assertEquals(await commitOne(store, { ...remove, by: BOB }), { refused: "not_yours" });
      assertEquals(await commitOne(store, { ...remove, by: ANN }), { change: 3 });
      assertEquals(await commitOne(store, { ...remove, by: ANN }), { change: 4 });
      const { messages } = await store.read(room(), { limit: 5 });
      const base = { room: room(), time: 1000, from: "ann", by: ANN };
      assertEquals(messages, [
        { ...base, seq: 1, content: "before" },
        { ...base, seq: 2, content: "", id: "i", reply_to: 1, deleted: true },
      ]);
    },
  },
  {
    name: "commit() neither edits nor reacts to a deleted message, and still recognises its id",
    run: async ({ store, room }) => {
      const sent = message(room(), "gone", { id: "i" });
      await store.commit([sent, { kind: "delete", room: room(), seq: 1, by: ANN }]);
      const outcomes = await store.commit([
        { kind: "edit", room: room(), seq: 1, content: "x", time: 1, by: ANN },
        { kind: "react", room: room(), seq: 1, by: ANN, from: "ann", emoji: "x" },
        sent,
      ]);
      const no = { refused: "no_such_message" } as const;
      const kept = {
        ...{ room: room(), seq: 1, time: 1000 },
        ...{ from: "ann", by: ANN, content: "", id: "i" },
      };
      assertEquals(outcomes, [no, no, { duplicate: { ...kept, deleted: true } }]);
    },
  },
  {
    name: "commit() adds and removes reactions by user, in order of arrival",
    run: async ({ store, room }) => {
      await say(store, room(), "hi");
      const react = (by: string, from: string, emoji: string) =>
        ({ kind: "react", room: room(), seq: 1, by, from, emoji }) as const;
      const outcomes = await store.commit([
        react(ANN, "Ann", "👍"),
        react(BOB, "Ann", "👍"),
        react(BOB, "bob", "🎉"),
        react(ANN, "renamed", "👍"),
      ]);
      const party = { by: BOB, from: "bob" };
      assertEquals(outcomes, [
        { change: 1, reaction: { on: true, count: 1 } },
        { change: 2, reaction: { on: true, count: 2 } },
        { change: 3, reaction: { on: true, count: 1 } },
        { change: 4, reaction: { on: false, count: 1 } },
      ]);
      const between = await store.read(room(), { limit: 1 });
      const bob = { by: BOB, from: "Ann" };
      assertEquals(plain(between.messages[0]?.reactions), { "👍": [bob], "🎉": [party] });
      await store.commit([react(BOB, "bob", "👍")]);
      const { messages } = await store.read(room(), { limit: 1 });
      assertEquals(plain(messages[0]?.reactions), { "🎉": [party] });
      const removed = { change: 6, reaction: { on: false, count: 0 } };
      assertEquals(await commitOne(store, react(BOB, "x", "🎉")), removed);
      const after = await store.read(room(), { limit: 1 });
      assertEquals("reactions" in after.messages[0]!, false);
    },
  },
  {
    name: "commit() accepts any text as an emoji without reaching a prototype",
    run: async ({ store, room }) => {
      await say(store, room(), "hi");
      const react = { kind: "react", room: room(), seq: 1, by: ANN, from: "ann" } as const;
      await store.commit([{ ...react, emoji: "__proto__" }]);
      await store.commit([{ ...react, emoji: "constructor" }]);
      const { messages } = await store.read(room(), { limit: 1 });
      assertNoPrototype(messages[0]);
      assertEquals(Object.keys(messages[0]?.reactions ?? {}), ["__proto__", "constructor"]);
    },
  },
  {
    name: "Store returns copies",
    run: async ({ store, room }) => {
      const sent = message(room(), "mine", { id: "i" });
      await store.commit([sent, {
        kind: "react",
        room: room(),
        seq: 1,
        by: ANN,
        from: "ann",
        emoji: "x",
      }]);
      sent.content = "changed by the caller";
      const outcome = await commitOne(store, message(room(), "mine", { id: "i" }));
      assert(typeof outcome === "object" && "duplicate" in outcome);
      outcome.duplicate.content = "changed";
      outcome.duplicate.reactions!["x"]!.push({ from: "changed" });
      outcome.duplicate.reactions!["x"]![0]!.from = "changed";
      const { messages } = await store.read(room(), { limit: 1 });
      assertEquals(messages[0]?.content, "mine");
      assertEquals(plain(messages[0]?.reactions), { x: [{ by: ANN, from: "ann" }] });
    },
  },
];
