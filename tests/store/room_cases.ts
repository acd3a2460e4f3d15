/**
 * The promises about what rooms are, who their members are, and what those have read and written.
 *
 * @module
 */
import { assert, assertEquals } from "../support/assert.ts";
import { MAX_UNREAD } from "../../protocol.ts";
import type { RoomsState, Store, Unread } from "../../store/store.ts";
import { ANN, BOB, type Case, commitOne, message, say } from "./conformance.ts";

/** A user whose messages only one case writes. */
const EVE = "EveEveEveEve";

/** What is known of one room. */
async function stateOf(store: Store, room: string): Promise<RoomsState> {
  const { rooms, members, makers, spoken } = await store.roomsState();
  return {
    makers: makers.filter((entry) => entry.room === room),
    spoken: spoken.filter((name) => name === room),
    rooms: rooms.filter((entry) => entry.room === room),
    members: members.filter((entry) => entry.room === room)
      .sort((a, b) => a.user < b.user ? -1 : 1),
  };
}

async function unreadBy(
  store: Store,
  room: string,
  read: number,
  { user = BOB, name = "bob" } = {},
): Promise<Unread> {
  const counted = await store.unread({ user, name, rooms: [{ room, read }] });
  assertEquals(counted.length, 1);
  return counted[0]!;
}

/** All that `authored` finds, and the number of messages in each page that is not empty. */
async function allAuthored(store: Store, user: string) {
  const messages: { room: string; seq: number }[] = [];
  const pages: number[] = [];
  let after: number | undefined;
  do {
    const page = await store.authored(user, after);
    messages.push(...page.messages);
    if (page.messages.length > 0) pages.push(page.messages.length);
    after = page.next;
  } while (after !== undefined);
  return { messages, pages };
}

export const roomCases: Case[] = [
  {
    name: "commit() keeps who made a room, one at a time, and forgets it",
    run: async ({ store, room }) => {
      const maker = { user: ANN, network: "192.0.2.1", time: 5 };
      const set = { kind: "maker", room: room(), maker } as const;
      assertEquals(await commitOne(store, set), 0);
      assertEquals((await stateOf(store, room())).makers, [{ room: room(), ...maker }]);
      const other = { user: BOB, network: "", time: 6 };
      await store.commit([{ ...set, maker: other }]);
      assertEquals((await stateOf(store, room())).makers, [{ room: room(), ...other }]);
      assertEquals(await commitOne(store, { kind: "maker", room: room() }), 0);
      assertEquals((await stateOf(store, room())).makers, []);
    },
  },
  {
    name: "roomsState() tells in which rooms anything was ever said, be it removed or direct",
    run: async ({ store, room }) => {
      const direct = `@${room()}:${BOB}`;
      assertEquals((await stateOf(store, room())).spoken, []);
      await store.commit([{ kind: "member", room: room(), user: ANN, role: "owner" }]);
      assertEquals((await stateOf(store, room())).spoken, []);
      await store.commit([message(room(), "1"), message(direct, "2")]);
      await store.retain({ maxMessages: 0 }, 0);
      assertEquals((await stateOf(store, room())).spoken, [room()]);
      assertEquals((await stateOf(store, direct)).spoken, [direct]);
    },
  },
  {
    name: "commit() sets what a room is, before it has a message too, and forgets what is default",
    run: async ({ store, room }) => {
      const set = { kind: "room", room: room(), private: true, topic: "plans" } as const;
      assertEquals(await commitOne(store, set), 0);
      const settings = { room: room(), private: true, topic: "plans" };
      assertEquals((await stateOf(store, room())).rooms, [settings]);
      await store.commit([{ ...set, topic: "" }, { ...set, private: false, topic: "Ünïcode 🎉" }]);
      const changed = { room: room(), private: false, topic: "Ünïcode 🎉" };
      assertEquals((await stateOf(store, room())).rooms, [changed]);
      await store.commit([{ ...set, private: false, topic: "" }]);
      assertEquals((await stateOf(store, room())).rooms, []);
    },
  },
  {
    name: "commit() sets nothing of a direct conversation",
    run: async ({ store }) => {
      const room = `@${ANN}:${BOB}`;
      assertEquals(await commitOne(store, { kind: "room", room, private: false, topic: "x" }), 0);
      assertEquals((await stateOf(store, room)).rooms, []);
    },
  },
  {
    name: "commit() makes members who have read everything, even what the batch says before",
    run: async ({ store, room }) => {
      await say(store, room(), "1", "2");
      const member = { kind: "member", room: room(), role: "member" } as const;
      const outcomes = await store.commit([
        { ...member, user: ANN, role: "owner" },
        message(room(), "3"),
        { ...member, user: BOB },
        message(room(), "4"),
        { ...member, room: room("empty"), user: BOB },
      ]);
      assertEquals(outcomes, [2, 3, 3, 4, 0]);
      assertEquals((await stateOf(store, room())).members, [
        { room: room(), user: ANN, role: "owner", read: 2 },
        { room: room(), user: BOB, role: "member", read: 3 },
      ]);
      assertEquals((await stateOf(store, room("empty"))).members, [
        { room: room("empty"), user: BOB, role: "member", read: 0 },
      ]);
    },
  },
  {
    name: "commit() gives a member another role without touching what they have read",
    run: async ({ store, room }) => {
      const member = { kind: "member", room: room(), user: ANN, role: "member" } as const;
      await store.commit([message(room(), "1"), member, message(room(), "2")]);
      assertEquals(await commitOne(store, { ...member, role: "moderator" }), 1);
      assertEquals((await stateOf(store, room())).members, [
        { room: room(), user: ANN, role: "moderator", read: 1 },
      ]);
    },
  },
  {
    name: "commit() moves what a member has read only forward, and not beyond the last message",
    run: async ({ store, room }) => {
      const read = { kind: "read", room: room(), user: ANN } as const;
      const outcomes = await store.commit([
        { kind: "member", room: room(), user: ANN, role: "member" },
        message(room(), "1"),
        message(room(), "2"),
        { ...read, seq: 9 },
        message(room(), "3"),
        { ...read, seq: 1 },
        { ...read, seq: 3 },
        message(room(), "4"),
      ]);
      assertEquals(outcomes, [0, 1, 2, 2, 3, 2, 3, 4]);
      await store.retain({ maxMessages: 0 }, 0);
      assertEquals(await commitOne(store, { ...read, seq: 2 ** 40 }), 4);
      assertEquals((await stateOf(store, room())).members[0]?.read, 4);
    },
  },
  {
    name: "commit() ends memberships, after which nothing is recorded as read",
    run: async ({ store, room }) => {
      const [gone, read] = [{ kind: "unmember", room: room() }, {
        kind: "read",
        room: room(),
      }] as const;
      const outcomes = await store.commit([
        message(room(), "1"),
        { ...gone, user: ANN },
        { ...read, user: ANN, seq: 1 },
        { kind: "member", room: room(), user: ANN, role: "owner" },
        { kind: "member", room: room(), user: BOB, role: "member" },
        { ...gone, user: ANN },
        { ...read, user: ANN, seq: 1 },
        { ...gone, room: room("unknown"), user: ANN },
        { ...read, room: room("unknown"), user: ANN, seq: 1 },
      ]);
      assertEquals(outcomes, [1, 0, 0, 1, 1, 0, 0, 0, 0]);
      const { members } = await stateOf(store, room());
      assertEquals(members.map(({ user }) => user), [BOB]);
      await say(store, room(), "2");
      const again = { kind: "member", room: room(), user: ANN, role: "member" } as const;
      assertEquals(await commitOne(store, again), 2);
    },
  },
  {
    name: "commit() keeps members of direct conversations",
    run: async ({ store }) => {
      const room = `@${BOB}:${EVE}`;
      const member = { kind: "member", room, role: "member" } as const;
      const outcomes = await store.commit([
        { ...member, user: EVE },
        { ...member, user: BOB },
        message(room, "psst", { by: BOB }),
        { kind: "read", room, user: BOB, seq: 1 },
      ]);
      assertEquals(outcomes, [0, 0, 1, 1]);
      assertEquals((await stateOf(store, room)).members.map(({ user, read }) => [user, read]), [
        [BOB, 1],
        [EVE, 0],
      ]);
      assertEquals((await unreadBy(store, room, 0, { user: EVE, name: "eve" })).unread, 1);
    },
  },
  {
    name: "unread() counts messages by others that are not deleted, in the order of the query",
    run: async ({ store, room }) => {
      await store.commit([
        message(room("a"), "read"),
        message(room("a"), "unread"),
        message(room("a"), "own", { by: BOB }),
        message(room("a"), "nobody's", { by: undefined }),
        message(room("a"), "deleted"),
        { kind: "delete", room: room("a"), seq: 5, by: ANN },
        message(room("b"), "all read"),
      ]);
      const rooms = [
        { room: room("b"), read: 1 },
        { room: room("unknown"), read: 3 },
        { room: room("a"), read: 1 },
        { room: room("a"), read: 9 },
      ];
      assertEquals(await store.unread({ user: BOB, name: "bob", rooms }), [
        { room: room("b"), last: 1, unread: 0, mentions: 0 },
        { room: room("unknown"), last: 0, unread: 0, mentions: 0 },
        { room: room("a"), last: 5, unread: 2, mentions: 0 },
        { room: room("a"), last: 5, unread: 0, mentions: 0 },
      ]);
      assertEquals(await store.unread({ user: BOB, name: "bob", rooms: [] }), []);
    },
  },
  {
    name: "unread() counts apart what mentions the name",
    run: async ({ store, room }) => {
      const texts = ["@bob", "hi @BOB!", "bob", "a@bob", "@bobby", "@ bob"];
      await say(store, room(), "@bob, which is read", ...texts);
      await store.commit([message(room(), "@bob by himself", { by: BOB })]);
      assertEquals(await unreadBy(store, room(), 1), {
        room: room(),
        last: 8,
        unread: 6,
        mentions: 2,
      });
    },
  },
  {
    name: "unread() stops at MAX_UNREAD, having counted the newest",
    run: async ({ store, room }) => {
      const texts = Array.from({ length: MAX_UNREAD + 50 }, (_, index) => `text ${index}`);
      await say(store, room(), "@bob too old", ...texts, "@bob");
      const { unread, mentions } = await unreadBy(store, room(), 0);
      assertEquals([unread, mentions], [MAX_UNREAD, 1]);
      assertEquals((await unreadBy(store, room(), 52)).unread, MAX_UNREAD);
      assertEquals((await unreadBy(store, room(), 53)).unread, MAX_UNREAD - 1);
    },
  },
  {
    name: "unread() says MAX_UNREAD when there are too many other messages to look at",
    run: async ({ store, room }) => {
      const own = Array.from({ length: 5000 }, () => message(room(), "own", { by: BOB }));
      await store.commit([message(room(), "by another"), ...own]);
      assertEquals((await unreadBy(store, room(), 0)).unread, MAX_UNREAD);
      assertEquals((await unreadBy(store, room(), 4900)).unread, 0);
    },
  },
  {
    name: "unread() sees every commit that had resolved, and skips what retention removed",
    run: async ({ store, room }) => {
      for (let seq = 1; seq <= 20; seq++) {
        await say(store, room(), `m${seq}`);
        assertEquals((await unreadBy(store, room(), 0)).unread, seq);
      }
      await store.retain({ maxMessages: 5 }, 0);
      assertEquals(await unreadBy(store, room(), 0), {
        room: room(),
        last: 20,
        unread: 5,
        mentions: 0,
      });
    },
  },
  {
    name: "authored() finds a user's messages in all rooms but no deleted ones, in pages",
    run: async ({ store, room }) => {
      const direct = `@${ANN}:${EVE}`;
      const user = "WroteALotHere";
      const expected: string[] = [];
      for (let batch = 0; batch < 50; batch++) {
        const outcomes = await store.commit(
          [room("a"), room("b"), direct].flatMap((where) => [
            message(where, "x", { by: user }),
            message(where, `by ${user}`, { by: ANN }),
            message(where, "y", { by: user, id: `${batch}` }),
            { kind: "react", room: where, seq: 1, by: user, from: "x", emoji: "x" } as const,
          ]),
        );
        for (const [index, where] of [room("a"), room("b"), direct].entries()) {
          expected.push(`${where} ${outcomes[index * 4]}`, `${where} ${outcomes[index * 4 + 2]}`);
        }
      }
      await store.commit([{ kind: "delete", room: room("a"), seq: 1, by: user }]);
      expected.splice(expected.indexOf(`${room("a")} 1`), 1);
      const { messages, pages } = await allAuthored(store, user);
      assertEquals(messages.map(({ room, seq }) => `${room} ${seq}`).sort(), expected.sort());
      assert(pages.every((count) => count <= 200), `${pages}`);
      assertEquals(await allAuthored(store, "WroteNothing"), { messages: [], pages: [] });
    },
  },
  {
    name: "authored() goes on where it was, although what it found is deleted or removed meanwhile",
    run: async ({ store, room }) => {
      const user = "DeletedByPage";
      await say(store, room("before"), ...Array.from({ length: 100 }, () => "by another"));
      for (let batch = 0; batch < 10; batch++) {
        const texts = Array.from({ length: 100 }, (_, n) => message(room(), `${n}`, { by: user }));
        await store.commit(texts);
      }
      const found: number[] = [];
      let after: number | undefined;
      do {
        const { messages, next }: Awaited<ReturnType<Store["authored"]>> = await store
          .authored(user, after);
        found.push(...messages.map(({ seq }) => seq));
        await store.commit(
          messages.map(({ room, seq }) => ({ kind: "delete", room, seq, by: user }) as const),
        );
        if (messages.length > 0) await store.retain({ maxMessages: 850 }, 0);
        after = next;
      } while (after !== undefined);
      assertEquals(found, Array.from({ length: 1000 }, (_, index) => index + 1));
      assertEquals((await allAuthored(store, user)).messages, []);
    },
  },
];
