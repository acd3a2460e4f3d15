/**
 * The promises about ids that are used again, replies, and the limits of reactions.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { MAX_EMOJI, MAX_OWN_EMOJI } from "../../store/store.ts";
import { ANN, BOB, type Case, commitOne, contents, message, say } from "./conformance.ts";
import { FILE } from "./message_cases.ts";
import type { NewMessage, Outcome, Store } from "../../store/store.ts";

const CONFLICT = { refused: "conflict" } as const;
const MISSING = { refused: "no_such_message" } as const;

function isDuplicate(outcome: Outcome | undefined): boolean {
  return typeof outcome === "object" && "duplicate" in outcome;
}

/** Asserts that a message is taken for a resend, or for another under the same id, alone and in any batch. */
async function assertRepeats(store: Store, sent: NewMessage, others: NewMessage[]): Promise<void> {
  for (const other of others) assertEquals(await commitOne(store, other), CONFLICT);
  assert(isDuplicate(await commitOne(store, sent)));
  const mixed = await store.commit([...others, sent, ...others]);
  assertEquals(mixed.filter((outcome) => outcome !== CONFLICT && isDuplicate(outcome)).length, 1);
  assert(isDuplicate(mixed[others.length]));
}

export const resendCases: Case[] = [
  {
    name: "commit() refuses an id used again for another text, file or reply",
    run: async ({ store, room }) => {
      await say(store, room(), "1");
      const text = message(room(), "a", { id: "text" });
      const file = message(room(), "plan.pdf", { id: "file", file: FILE });
      const reply = message(room(), "b", { id: "reply", reply_to: 1 });
      assertEquals(await store.commit([text, file, reply]), [2, 3, 4]);
      await assertRepeats(store, text, [
        { ...text, content: "A" },
        { ...text, file: FILE },
        { ...text, reply_to: 1 },
      ]);
      await assertRepeats(store, { ...file, content: "renamed.pdf" }, [
        { ...file, file: { ...FILE, id: "f2" } },
        { ...file, file: undefined },
      ]);
      await assertRepeats(store, reply, [{ ...reply, reply_to: undefined }]);
      assertEquals((await contents(store, room())).length, 4);
    },
  },
  {
    name: "commit() recognises a resend after an edit and a deletion by what was said first",
    run: async ({ store, room }) => {
      const sent = message(room(), "first", { id: "i" });
      const edited = message(room(), "second", { id: "i" });
      const edit = { kind: "edit", room: room(), seq: 1, time: 5, by: ANN } as const;
      await store.commit([sent, { ...edit, content: "second" }]);
      await assertRepeats(store, sent, [edited]);
      await store.commit([{ ...edit, content: "third" }]);
      await assertRepeats(store, sent, [edited]);
      await store.commit([{ kind: "delete", room: room(), seq: 1, by: BOB, also: "anybody" }]);
      await assertRepeats(store, sent, [edited, { ...sent, content: "" }]);
    },
  },
  {
    name: "commit() recognises a resend of a file after its deletion, in one batch too",
    run: async ({ store, room }) => {
      const sent = message(room(), "plan.pdf", { id: "i", file: FILE });
      const outcomes = await store.commit([
        sent,
        { kind: "edit", room: room(), seq: 1, content: "new.pdf", time: 5, by: ANN },
        { kind: "delete", room: room(), seq: 1, by: ANN },
        sent,
        { ...sent, file: { ...FILE, id: "f2" } },
      ]);
      assertEquals(outcomes.slice(0, 3), [1, { change: 1 }, { change: 2 }]);
      assert(isDuplicate(outcomes[3]));
      assertEquals(outcomes[4], CONFLICT);
    },
  },
  {
    name: "commit() refuses a reply to what is not there, and creates no room for it",
    run: async ({ store, room }) => {
      const reply = (seq: number, id?: string) => message(room(), "re", { reply_to: seq, id });
      assertEquals(await commitOne(store, reply(1)), MISSING);
      const { rooms } = await store.rooms({ limit: 1000, containing: room() });
      assertEquals(rooms, []);
      const outcomes = await store.commit([
        message(room(), "1"),
        reply(1),
        reply(2, "a"),
        reply(4),
        reply(4, "b"),
        reply(0),
        reply(2 ** 40),
        { kind: "delete", room: room(), seq: 1, by: ANN },
        reply(1),
      ]);
      assertEquals(outcomes, [1, 2, 3, MISSING, MISSING, MISSING, MISSING, { change: 1 }, 4]);
    },
  },
  {
    name: "commit() refuses a reply to what retention removed, but answers the resend of one",
    run: async ({ store, room }) => {
      const sent = message(room(), "re", { reply_to: 1, id: "i" });
      await store.commit([message(room(), "1"), sent]);
      await store.retain({ maxMessages: 1 }, 0);
      const outcomes = await store.commit([sent, { ...sent, id: "j" }, { ...sent, id: undefined }]);
      assert(isDuplicate(outcomes[0]));
      assertEquals(outcomes.slice(1), [MISSING, MISSING]);
      assertEquals(await commitOne(store, message(room(), "re", { reply_to: 2 })), 3);
    },
  },
  {
    name: "commit() limits the emoji on a message, and those of one user",
    run: async ({ store, room }) => {
      await say(store, room(), "hi");
      const react = (by: string, emoji: string) =>
        ({ kind: "react", room: room(), seq: 1, by, from: by, emoji }) as const;
      const many = { refused: "too_many" } as const;
      const emoji = Array.from({ length: MAX_EMOJI + 1 }, (_, index) => `e${index}`);
      const own = await store.commit(emoji.map((one) => react(ANN, one)));
      assertEquals(own.map((outcome) => "refused" in (outcome as object)), [
        ...Array(MAX_OWN_EMOJI).fill(false),
        ...Array(MAX_EMOJI + 1 - MAX_OWN_EMOJI).fill(true),
      ]);
      const rest = emoji.slice(MAX_OWN_EMOJI);
      const all = await store.commit(rest.map((one, index) => react(`u${index}`, one)));
      assertEquals(all.at(-1), many);
      assertEquals(all.filter((outcome) => "refused" in (outcome as object)).length, 1);
      // What is there already can be joined and taken back, which makes room.
      assertEquals(
        await store.commit([
          react(BOB, "e0"),
          react(ANN, "e0"),
          react(ANN, "e30"),
          react(ANN, "e31"),
          react(BOB, "e0"),
          react(BOB, "new"),
        ]),
        [
          { change: 51, reaction: { on: true, count: 2 } },
          { change: 52, reaction: { on: false, count: 1 } },
          { change: 53, reaction: { on: true, count: 2 } },
          many,
          { change: 54, reaction: { on: false, count: 0 } },
          { change: 55, reaction: { on: true, count: 1 } },
        ],
      );
    },
  },
];
