/**
 * The promises about changes and resumes: whoever comes back has the same copy as whoever reads anew.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { ANN, BOB, type Case, commitOne, message, plain, say } from "./conformance.ts";
import type { Missed, Position, Store } from "../../store/store.ts";

/** More than any case has. */
const LIMIT = 100;

/** How far the room has got. */
async function here(store: Store, room: string): Promise<Position> {
  const { last, change, messages } = await store.read(room, { limit: 1 });
  const at = messages[0]?.time;
  return { since: last, at, changes: change, epoch: store.epoch, run: store.run };
}

/** The `seq`s of what is missed, and how far the copy gets. */
function seqsOf(missed: Missed | undefined) {
  const seqs = (messages: Missed["messages"]) => messages.map(({ seq }) => seq);
  return missed && {
    messages: seqs(missed.messages),
    changed: seqs(missed.changed),
    last: missed.last,
    change: missed.change,
  };
}

export const resumeCases: Case[] = [
  {
    name: "read() tells up to which change a page is true, room by room",
    run: async ({ store, room }) => {
      await say(store, room("a"), "1", "2");
      await say(store, room("b"), "1");
      const remove = { kind: "delete", room: room("a"), seq: 1, by: ANN } as const;
      const other = { ...remove, room: room("b") };
      const outcomes = await store.commit([remove, other, { ...remove, by: BOB }, remove]);
      const changes = [1, 1, undefined, 2];
      const refused = { refused: "not_yours" };
      assertEquals(outcomes, changes.map((change) => change ? { change } : refused) as never);
      const page = await store.read(room("a"), { limit: 1 });
      assertEquals([page.last, page.change], [2, 2]);
      assertEquals((await store.read(room("b"), { limit: 1 })).change, 1);
      assertEquals((await store.read(room("c"), { limit: 1 })).change, 0);
    },
  },
  {
    name:
      "resume() finds what was said and what was changed meanwhile, each once in its present form",
    run: async ({ store, room }) => {
      await say(store, room(), "1", "2", "3", "4");
      await store.commit([{ kind: "delete", room: room(), seq: 4, by: ANN }]);
      const position = await here(store, room());
      const edit = { kind: "edit", room: room(), seq: 3, time: 7, by: ANN } as const;
      await store.commit([
        { ...edit, content: "three" },
        message(room(), "5", { reply_to: 1 }),
        { kind: "react", room: room(), seq: 5, by: BOB, from: "bob", emoji: "x" },
        { ...edit, content: "THREE" },
        { kind: "delete", room: room(), seq: 1, by: ANN },
      ]);
      const missed = await store.resume(room(), position, LIMIT);
      assertEquals(seqsOf(missed), { messages: [5], changed: [1, 3], last: 5, change: 5 });
      assertEquals(missed?.changed.map(({ content }) => content), ["", "THREE"]);
      assertEquals(plain(missed?.messages[0]?.reactions), { x: [{ by: BOB, from: "bob" }] });
      const now = await here(store, room());
      const nothing = { messages: [], changed: [], last: 5, change: 5 };
      assertEquals(await store.resume(room(), now, LIMIT), nothing);
    },
  },
  {
    name: "resume() begins at nothing, also in a room that does not exist yet",
    run: async ({ store, room }) => {
      const position = await here(store, room());
      assertEquals([position.since, position.changes], [0, 0]);
      const nothing = { messages: [], changed: [], last: 0, change: 0 };
      assertEquals(await store.resume(room(), position, LIMIT), nothing);
      assertEquals(await store.resume(room(), { ...position, since: 1 }, LIMIT), undefined);
      await say(store, room(), "1", "2");
      await store.commit([{ kind: "delete", room: room(), seq: 2, by: ANN }]);
      const missed = await store.resume(room(), position, LIMIT);
      assertEquals(seqsOf(missed), { messages: [1, 2], changed: [], last: 2, change: 1 });
    },
  },
  {
    name: "resume() vouches for no position of another epoch, run, message or future",
    run: async ({ store, room }) => {
      await store.commit([message(room(), "1", { time: 5 }), message(room(), "2", { time: 6 })]);
      await store.commit([{ kind: "delete", room: room(), seq: 1, by: ANN }]);
      const position = await here(store, room());
      const wrong: Partial<Position>[] = [
        { epoch: "another" },
        { run: "another" },
        { at: 5 },
        { since: 3, at: undefined },
        { since: 3, at: undefined, run: undefined },
        { changes: 2 },
        { changes: 2, run: undefined, epoch: undefined },
        { since: 2 ** 40 },
      ];
      for (const one of wrong) {
        const missed = await store.resume(room(), { ...position, ...one }, LIMIT);
        assertEquals(missed, undefined, Deno.inspect(one));
      }
      for (const unknown of ["at", "epoch", "run"]) {
        const missed = await store.resume(room(), { ...position, [unknown]: undefined }, LIMIT);
        assert(missed !== undefined, unknown);
      }
    },
  },
  {
    name: "resume() gives up where more than the limit was missed",
    run: async ({ store, room }) => {
      await say(store, room(), "1", "2", "3");
      const position = await here(store, room());
      await say(store, room(), "4", "5");
      assertEquals(await store.resume(room(), position, 1), undefined);
      assertEquals((await store.resume(room(), position, 2))?.messages.length, 2);
      const remove = { kind: "delete", room: room(), by: ANN } as const;
      await store.commit([1, 2, 3].map((seq) => ({ ...remove, seq })));
      assertEquals(await store.resume(room(), position, 2), undefined);
      assertEquals((await store.resume(room(), position, 3))?.changed.length, 3);
    },
  },
  {
    name: "retain() takes a number of the changes, and nobody resumes across it",
    run: async ({ store, room }) => {
      await say(store, room(), "1", "2", "3");
      await store.commit([{ kind: "delete", room: room(), seq: 1, by: ANN }]);
      const before = await here(store, room());
      await store.retain({ maxMessages: 2 }, 0);
      const after = await here(store, room());
      assertEquals([before.changes, after.changes], [1, 2]);
      assertEquals(await store.resume(room(), before, LIMIT), undefined);
      assertEquals(seqsOf(await store.resume(room(), after, LIMIT))?.messages, []);
      await store.retain({ maxMessages: 2 }, 0);
      assertEquals((await here(store, room())).changes, 2);
      await store.retain({ maxMessages: 0 }, 0);
      const emptied = await here(store, room());
      assertEquals([emptied.since, emptied.changes], [3, 3]);
      await say(store, room(), "4");
      assertEquals(seqsOf(await store.resume(room(), emptied, LIMIT))?.messages, [4]);
      assertEquals(await store.resume(room(), { ...emptied, since: 2 }, LIMIT), undefined);
    },
  },
  {
    name: "Store numbers changes on where a refused one would have been",
    run: async ({ store, room }) => {
      await say(store, room(), "1");
      const edit = { kind: "edit", room: room(), content: "x", time: 1 } as const;
      await store.commit([{ ...edit, seq: 1, by: BOB }, { ...edit, seq: 2, by: ANN }]);
      assertEquals(await commitOne(store, { ...edit, seq: 1, by: ANN }), { change: 1 });
    },
  },
];
