/**
 * The promises about reading: pages of history, the list of rooms, retention.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { ANN, BOB, type Case, commitOne, contents, message, say } from "./conformance.ts";
import type { Range, RoomsQuery, Store } from "../../store/store.ts";

const DAY = 86_400_000;

async function page(store: Store, room: string, range: Range) {
  const { messages, last, complete } = await store.read(room, range);
  return [messages.map(({ seq }) => seq), last, complete];
}

/** Adds messages 1 to `count`, in batches of different sizes. */
async function fill(store: Store, room: string, count: number, time = 1000): Promise<void> {
  for (let next = 1, size = 1; next <= count; size = size * 2 % 255) {
    const end = Math.min(count, next + size - 1);
    const batch = [];
    for (; next <= end; next++) batch.push(message(room, `m${next}`, { time }));
    await store.commit(batch);
  }
}

export const readingCases: Case[] = [
  {
    name: "read() returns an empty page for an unknown room",
    run: async ({ store, room }) => {
      const empty = { messages: [], last: 0, change: 0, complete: true };
      assertEquals(await store.read(room(), { limit: 5 }), empty);
      assertEquals(await store.read(room(), { limit: 5, after: 3 }), empty);
    },
  },
  {
    name: "read() returns the page that each form of range selects",
    run: async ({ store, room }) => {
      await fill(store, room(), 10);
      await say(store, room("b"), "another room");
      const cases: [Range, number[], boolean][] = [
        [{ limit: 3 }, [8, 9, 10], false],
        [{ limit: 10 }, [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], true],
        [{ limit: 3, before: 4 }, [1, 2, 3], true],
        [{ limit: 2, before: 4 }, [2, 3], false],
        [{ limit: 2, before: 1 }, [], true],
        [{ limit: 2, before: 0 }, [], true],
        [{ limit: 2, before: 1000 }, [9, 10], false],
        [{ limit: 3, after: 0 }, [1, 2, 3], false],
        [{ limit: 3, after: 7 }, [8, 9, 10], true],
        [{ limit: 3, after: 6 }, [7, 8, 9], false],
        [{ limit: 3, after: 10 }, [], true],
        [{ limit: 3, after: 2 ** 45 }, [], true],
        [{ limit: 3, after: 4, before: 7 }, [5, 6], true],
        [{ limit: 2, after: 4, before: 7 }, [5, 6], true],
        [{ limit: 1, after: 4, before: 7 }, [5], false],
        [{ limit: 5, after: 7, before: 4 }, [], true],
        [{ limit: 5, after: 0, before: 2 ** 45 }, [1, 2, 3, 4, 5], false],
      ];
      for (const [range, seqs, complete] of cases) {
        assertEquals(await page(store, room(), range), [seqs, 10, complete], Deno.inspect(range));
      }
    },
  },
  {
    name: "read() pages through a long room in both directions",
    run: async ({ store, room }) => {
      await fill(store, room(), 1000);
      const all = Array.from({ length: 1000 }, (_, index) => index + 1);
      const forward: number[] = [];
      for (let complete = false; !complete;) {
        const next = await store.read(room(), { limit: 170, after: forward.at(-1) ?? 0 });
        forward.push(...next.messages.map(({ seq }) => seq));
        complete = next.complete;
      }
      assertEquals(forward, all);
      const backward: number[] = [];
      for (let complete = false; !complete;) {
        const next = await store.read(room(), { limit: 170, before: backward[0] ?? 1001 });
        backward.unshift(...next.messages.map(({ seq }) => seq));
        complete = next.complete;
      }
      assertEquals(backward, all);
    },
  },
  {
    name: "read() sees every commit that had resolved",
    run: async ({ store, room }) => {
      for (let seq = 1; seq <= 50; seq++) {
        await say(store, room(), `m${seq}`);
        assertEquals(await page(store, room(), { limit: 1 }), [[seq], seq, seq === 1]);
      }
    },
  },
  {
    name: "rooms() lists the rooms that contain messages, by name",
    run: async ({ store, room }) => {
      await store.commit([
        message(room("b"), "1", { time: 5 }),
        message(room("a"), "1", { time: 6 }),
        message(room("a"), "2", { time: 7 }),
        { kind: "react", room: room("none"), seq: 1, by: ANN, from: "ann", emoji: "x" },
      ]);
      const prefix = room("");
      const { rooms } = await store.rooms({ limit: 1000 });
      assertEquals(rooms.filter((entry) => entry.room.startsWith(prefix)), [
        { room: room("a"), last: 2, time: 7 },
        { room: room("b"), last: 1, time: 5 },
      ]);
    },
  },
  {
    name: "rooms() lists private rooms and direct conversations only if asked",
    run: async ({ store, room }) => {
      const direct = `@${ANN}:${room()}`;
      const set = { kind: "room", room: room(), private: true, topic: "" } as const;
      await store.commit([set, message(room(), "1"), message(direct, "1", { time: 5 })]);
      const list = async (also: RoomsQuery["also"] = []) => {
        const { rooms } = await store.rooms({ limit: 1000, also });
        return rooms.filter((entry) => entry.room.endsWith(room()));
      };
      const listed = { room: room(), last: 1, time: 1000 };
      const other = { room: direct, last: 1, time: 5 };
      assertEquals(await list(), []);
      assertEquals(await list([room()]), [listed]);
      assertEquals(await list([direct, room("unknown")]), [other]);
      assertEquals(await list("all"), [other, listed]);
    },
  },
  {
    name: "retain() removes from direct conversations too",
    run: async ({ store, room }) => {
      const direct = `@${room()}:${BOB}`;
      await store.commit([message(direct, "1", { id: "i" }), message(direct, "2")]);
      await store.retain({ maxMessages: 1 }, 0);
      assertEquals(await page(store, direct, { limit: 5 }), [[2], 2, true]);
      assertEquals(await commitOne(store, message(direct, "again", { id: "i" })), 3);
    },
  },
  {
    name: "retain() keeps the newest messages of each room and continues numbering",
    run: async ({ store, room }) => {
      await store.retain({ maxMessages: 0 }, 0);
      await fill(store, room("a"), 300);
      await fill(store, room("b"), 100);
      assertEquals(await store.retain({ maxMessages: 100 }, 0), 200);
      assertEquals(await store.retain({ maxMessages: 100 }, 0), 0);
      assertEquals(await page(store, room("a"), { limit: 2, after: 0 }), [[201, 202], 300, false]);
      assertEquals(await page(store, room("a"), { limit: 5, before: 203 }), [
        [201, 202],
        300,
        true,
      ]);
      assertEquals((await contents(store, room("b"))).length, 100);
      assertEquals(await commitOne(store, message(room("a"), "next")), 301);
    },
  },
  {
    name: "retain() removes by age, even in the middle of a batch",
    run: async ({ store, room }) => {
      await store.retain({ maxMessages: 0 }, 0);
      const times = [1, 2, 3, 4, 5].map((day) => day * DAY);
      await store.commit(times.map((time) => message(room(), `${time}`, { time })));
      assertEquals(await store.retain({ maxAge: 2 * DAY }, 5 * DAY), 2);
      assertEquals(await page(store, room(), { limit: 9 }), [[3, 4, 5], 5, true]);
      assertEquals(await store.retain({ maxAge: 2 * DAY, maxMessages: 1 }, 5 * DAY), 2);
      assertEquals(await page(store, room(), { limit: 9 }), [[5], 5, true]);
    },
  },
  {
    name: "retain() removes nothing without a limit",
    run: async ({ store, room }) => {
      await say(store, room(), "1", "2");
      assertEquals(await store.retain({}, 1e15), 0);
      assertEquals(await contents(store, room()), ["1", "2"]);
    },
  },
  {
    name: "retain() empties a room, which continues numbering",
    run: async ({ store, room }) => {
      await say(store, room(), "1", "2", "3");
      assert(await store.retain({ maxMessages: 0 }, 0) >= 3);
      assertEquals(await store.read(room(), { limit: 5 }), {
        messages: [],
        last: 3,
        change: 1,
        complete: true,
      });
      const { rooms } = await store.rooms({ limit: 1000 });
      assertEquals(rooms.filter((entry) => entry.room === room()), []);
      const edit = {
        kind: "edit",
        room: room(),
        seq: 2,
        content: "x",
        time: 1,
        by: ANN,
      } as const;
      assertEquals(await commitOne(store, edit), { refused: "no_such_message" });
      assertEquals(await say(store, room(), "4"), [4]);
      assertEquals(await page(store, room(), { limit: 5, after: 0 }), [[4], 4, true]);
    },
  },
  {
    name: "retain() forgets the ids of removed messages",
    run: async ({ store, room }) => {
      const sent = message(room(), "x", { id: "i" });
      await store.commit([sent, message(room(), "y", { id: "j" })]);
      await store.retain({ maxMessages: 1 }, 0);
      assertEquals(await commitOne(store, sent), 3);
      const outcome = await commitOne(store, message(room(), "y", { id: "j" }));
      assert(typeof outcome === "object" && "duplicate" in outcome);
      assertEquals(outcome.duplicate.seq, 2);
    },
  },
];
