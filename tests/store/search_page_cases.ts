/**
 * The promises about the pages of a search: in order, and every message on exactly one.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import type { Query, Store, StoredMessage } from "../../store/store.ts";
import { ANN, type Case, message, searchUntil } from "./conformance.ts";

/** All that a query finds, page by page. */
async function allPages(
  store: Store,
  query: Query,
  between: () => Promise<unknown> = () => Promise.resolve(),
): Promise<StoredMessage[]> {
  const found: StoredMessage[] = [];
  for (let next: Query = query;;) {
    const { messages, next: position } = await store.search(next);
    assert(messages.length <= query.limit);
    found.push(...messages);
    if (position === undefined) return found;
    next = { ...query, position };
    await between();
  }
}

/** Where each of some messages is, in order. */
function places(messages: readonly StoredMessage[]): string[] {
  return messages.map(({ time, room, seq }) => `${time} ${room} ${seq}`);
}

function asking(word: string, rest: Partial<Query> = {}): Query {
  return { text: { words: [word], phrases: [] }, limit: 1000, ...rest };
}

export const searchPageCases: Case[] = [
  {
    name: "search() orders by time, then room, then seq, and pages through all of it",
    run: async ({ store, room }) => {
      const rooms = [room("a"), room("b"), room("c")];
      // Times that go back and forth, many of them the same.
      for (let index = 0; index < 60; index++) {
        await store.commit(
          [0, 1, 2].map((n) =>
            message(rooms[(index + n) % 3]!, `damson ${index}`, { time: (index * 7 + n * 5) % 23 })
          ),
        );
      }
      const query = asking("damson", { rooms });
      const all = await searchUntil(store, query, 180);
      assertEquals(all.length, 180);
      const sorted = all.toSorted((a, b) =>
        b.time - a.time || (a.room === b.room ? b.seq - a.seq : a.room < b.room ? 1 : -1)
      );
      assertEquals(places(all), places(sorted));
      for (const limit of [1, 7, 50, 179, 180, 181]) {
        const pages = await allPages(store, { ...query, limit });
        assertEquals(places(pages), places(sorted), `pages of ${limit}`);
      }
    },
  },
  {
    name: "search() finds each message once while others come and go",
    run: async ({ store, room }) => {
      const rooms = [room()];
      const batch = Array.from(
        { length: 50 },
        (_, n) => message(room(), `bilberry ${n}`, { time: n }),
      );
      await store.commit(batch);
      await searchUntil(store, asking("bilberry", { rooms }), 50);
      let time = 100;
      const found = await allPages(
        store,
        asking("bilberry", { rooms, limit: 9 }),
        () =>
          store.commit([
            message(room(), `bilberry ${time}`, { time: time++ }),
            { kind: "delete", room: room(), seq: time - 60, by: ANN },
          ]),
      );
      // Deleted by then: 41 and 42, and what is further up was found before.
      const seqs = found.map(({ seq }) => seq);
      assertEquals(new Set(seqs).size, seqs.length);
      const deleted = Array.from({ length: time - 100 }, (_, index) => 41 + index);
      for (let seq = 50; seq > 0; seq--) {
        assert(seqs.includes(seq) || deleted.includes(seq), `message ${seq}`);
      }
    },
  },
  {
    name: "search() begins after any position, also one where no message is",
    run: async ({ store, room }) => {
      const [a, b] = [room("a"), room("b")];
      await store.commit([1, 2, 3].flatMap((time) => [
        message(a, "sorb", { time }),
        message(b, "sorb", { time }),
      ]));
      const query = asking("sorb", { rooms: [a, b] });
      await searchUntil(store, query, 6);
      const after = async (time: number, of: string, seq: number) => {
        const { messages } = await store.search({ ...query, position: { time, room: of, seq } });
        return messages.map(({ room: name, seq }) => `${name === a ? "a" : "b"}${seq}`);
      };
      assertEquals(await after(2, b, 2), ["a2", "b1", "a1"]);
      assertEquals(await after(2, b, 3), ["b2", "a2", "b1", "a1"]);
      assertEquals(await after(2, "!", 0), ["b1", "a1"]);
      assertEquals(await after(99, "x", 5), ["b3", "a3", "b2", "a2", "b1", "a1"]);
      assertEquals(await after(1, a, 1), []);
      assertEquals(await after(-5, a, 1), []);
    },
  },
  {
    name: "search() has no next page if there is nothing further",
    run: async ({ store, room }) => {
      await store.commit([1, 2, 3].map((time) => message(room(), "rowan", { time })));
      const rooms = [room()];
      await searchUntil(store, asking("rowan", { rooms }), 3);
      const next = async (limit: number) =>
        (await store.search(asking("rowan", { rooms, limit }))).next;
      assertEquals(await next(2), { time: 2, room: room(), seq: 2 });
      assertEquals(await next(3), undefined);
      assertEquals(await next(4), undefined);
      assertEquals((await store.search(asking("nothing", { rooms }))).next, undefined);
    },
  },
];
