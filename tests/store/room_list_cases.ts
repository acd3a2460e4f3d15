/**
 * The promises about lists of rooms.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import type { RoomsQuery, Store } from "../../store/store.ts";
import { ANN, type Case, message } from "./conformance.ts";

/** The names of all rooms, page by page, and the sizes of the pages. */
async function allRooms(
  store: Store,
  query: RoomsQuery,
): Promise<{ names: string[]; pages: number[] }> {
  const names: string[] = [];
  const pages: number[] = [];
  for (let next = query;;) {
    const { rooms, complete } = await store.rooms(next);
    names.push(...rooms.map(({ room }) => room));
    pages.push(rooms.length);
    const last = rooms.at(-1);
    if (complete || last === undefined) return { names, pages };
    next = { ...query, after: last.room };
  }
}

export const roomListCases: Case[] = [
  {
    name: "rooms() leaves out rooms that it is told to, and fills its pages with others",
    run: async ({ store, room }) => {
      const names = Array.from({ length: 6 }, (_, index) => room(`n${index}-except`));
      await store.commit(names.map((name) => message(name, "x")));
      const [a, , c, d, e, f] = names;
      assert(a && c && d && e && f);
      const containing = room("").slice(0, -1);
      const query = { limit: 2, containing, except: [a, c, d, e] };
      assertEquals(await allRooms(store, query), { names: [names[1], f], pages: [2] });
      assertEquals((await allRooms(store, { ...query, also: [a] })).names, [names[1], f]);
    },
  },
  {
    name: "rooms() lists rooms by name, a page at a time",
    run: async ({ store, room }) => {
      const names = Array.from({ length: 25 }, (_, index) => room(`n${index}-list`));
      await store.commit(names.toReversed().map((name) => message(name, "x")));
      const sorted = names.toSorted();
      const containing = room("").slice(0, -1);
      for (const limit of [1, 7, 24, 25, 26]) {
        const { names: listed, pages } = await allRooms(store, { limit, containing });
        assertEquals(listed, sorted);
        assertEquals(pages.length, Math.ceil(25 / limit), `pages of ${limit}`);
      }
      const ends = await allRooms(store, { limit: 10, containing: `${room("n1")}` });
      assertEquals(ends.names, sorted.filter((name) => name.includes(room("n1"))));
      const after = { limit: 100, containing, after: sorted[3]! };
      assertEquals((await allRooms(store, after)).names, sorted.slice(4));
    },
  },
  {
    name: "rooms() lists hidden rooms only if it is told to, and none that is empty",
    run: async ({ store, room }) => {
      const [open, closed, empty] = [room("open"), room("closed"), room("empty")];
      const [first, second] = [`@${ANN}:${room("1")}`, `@${ANN}:${room("2")}`];
      await store.commit([
        { kind: "room", room: closed, private: true, topic: "" },
        { kind: "room", room: empty, private: false, topic: "empty" },
        ...[open, closed, first, second].map((name, time) => message(name, "x", { time })),
      ]);
      const list = async (also?: RoomsQuery["also"]) => {
        const containing = room("").slice(0, -1);
        const query = { limit: 2, containing, ...(also !== undefined && { also }) };
        return (await allRooms(store, query)).names;
      };
      assertEquals(await list(), [open]);
      assertEquals(await list([closed, empty, room("unknown")]), [closed, open]);
      assertEquals(await list([second, closed]), [second, closed, open].sort());
      assertEquals(await list("all"), [first, second, closed, open].sort());
      assertEquals(await list("private"), [closed, open]);
      const digit = `0${open}`;
      await store.commit([message(digit, "x", { time: 9 })]);
      assertEquals(await list("private"), [digit, closed, open]);
      assertEquals(await list("all"), [digit, first, second, closed, open]);
      const { rooms } = await store.rooms({ limit: 9, after: "0", containing: closed, also: [] });
      assertEquals(rooms, []);
    },
  },
  {
    name: "rooms() lists a room with what it is",
    run: async ({ store, room }) => {
      const open = room("open");
      await store.commit([message(open, "x", { time: 0 })]);
      const { rooms } = await store.rooms({ limit: 9, containing: open });
      assertEquals(rooms, [{ room: open, last: 1, time: 0 }]);
    },
  },
];
