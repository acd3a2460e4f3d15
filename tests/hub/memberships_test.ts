/** What the hub knows of rooms and their members, and how it takes changes back. */
import fc from "fast-check";
import { Memberships } from "../../hub/memberships.ts";
import { directRoom, type RoomRole } from "../../protocol.ts";
import type { RoomChange } from "../../store/store.ts";
import { assertEquals, assertFalse } from "../support/assert.ts";

const ROOMS = ["attic", "den", "lobby"];
const USERS = ["ann", "bob", "cid"];

/** Everything that can be asked of the rooms and users of these tests. */
function everything(memberships: Memberships): unknown {
  return {
    rooms: ROOMS.map((room) => ({
      room,
      has: memberships.has(room),
      private: memberships.isPrivate(room),
      settings: memberships.settings(room),
      owners: memberships.owners(room),
      size: memberships.size(room),
      members: memberships.members(room).toSorted((a, b) => a.user < b.user ? -1 : 1)
        .map((member) => ({ ...member })),
      roles: [undefined, ...USERS].map((user) => memberships.access(room, user).role),
    })),
    users: USERS.map((user) => memberships.roomsOf(user)),
  };
}

const room = fc.constantFrom(...ROOMS);
const user = fc.constantFrom(...USERS);
const role = fc.constantFrom<RoomRole>("owner", "moderator", "member");
const change: fc.Arbitrary<RoomChange> = fc.oneof(
  fc.record({
    kind: fc.constant("room" as const),
    room,
    private: fc.boolean(),
    topic: fc.constantFrom("", "tea"),
  }),
  fc.record({ kind: fc.constant("member" as const), room, user, role }),
  fc.record({ kind: fc.constant("unmember" as const), room, user }),
  fc.record({ kind: fc.constant("read" as const), room, user, seq: fc.nat(9) }),
);

Deno.test("Memberships.apply() returns what takes each change back, whatever came before", () => {
  fc.assert(fc.property(fc.array(change), fc.array(change), (committed, failed) => {
    const memberships = new Memberships();
    for (const one of committed) memberships.apply(one);
    const states: unknown[] = [];
    const undo = failed.map((one) => {
      states.push(everything(memberships));
      return memberships.apply(one);
    });
    for (const [index, back] of [...undo.entries()].toReversed()) {
      back();
      assertEquals(everything(memberships), states[index]);
    }
  }));
});

Deno.test("Memberships counts owners and members as they come, change and go", () => {
  fc.assert(fc.property(fc.array(change), (changes) => {
    const memberships = new Memberships();
    for (const one of changes) memberships.apply(one);
    for (const name of ROOMS) {
      const members = memberships.members(name);
      const owners = members.filter(({ role }) => role === "owner").length;
      assertEquals([memberships.size(name), memberships.owners(name)], [members.length, owners]);
      assertEquals(memberships.access(name).hasOwner, owners > 0);
      const listed = USERS.filter((user) =>
        memberships.roomsOf(user).some(({ room }) => room === name)
      );
      assertEquals(members.map(({ user }) => user).toSorted(), listed);
    }
  }));
});

Deno.test("Memberships begins with what the store knows", () => {
  const memberships = new Memberships({
    rooms: [{ room: "den", private: true, topic: "tea" }],
    members: [
      { room: "den", user: "bob", role: "owner", read: 3 },
      { room: "den", user: "ann", role: "member", read: 0 },
      { room: "attic", user: "ann", role: "moderator", read: 7 },
    ],
  });
  assertEquals(memberships.members("den"), [
    { user: "bob", role: "owner", read: 3 },
    { user: "ann", role: "member", read: 0 },
  ]);
  assertEquals(memberships.roomsOf("ann"), [
    { room: "attic", role: "moderator", read: 7 },
    { room: "den", role: "member", read: 0 },
  ]);
  assertEquals(memberships.settings("den"), { private: true, topic: "tea" });
  assertEquals(["den", "attic"].map((room) => memberships.isPrivate(room)), [true, false]);
});

Deno.test("Memberships.apply() never takes a read marker back, nor makes one without a membership", () => {
  const memberships = new Memberships();
  memberships.apply({ kind: "read", room: "den", user: "ann", seq: 3 });
  assertEquals(memberships.member("den", "ann"), undefined);
  memberships.apply({ kind: "member", room: "den", user: "ann", role: "member" });
  for (const seq of [5, 3]) memberships.apply({ kind: "read", room: "den", user: "ann", seq });
  assertEquals(memberships.member("den", "ann")?.read, 5);
});

Deno.test("Memberships.has() is false of a room once nothing is known of it any more", () => {
  const memberships = new Memberships();
  const topic = (content: string) =>
    memberships.apply({ kind: "room", room: "den", private: false, topic: content });
  topic("tea");
  assertEquals(memberships.has("den"), true);
  topic("");
  assertFalse(memberships.has("den"));
});

Deno.test("Memberships.access() of a direct conversation is that of its two users", () => {
  const memberships = new Memberships();
  const name = directRoom("AnnAnnAnnAnn", "BobBobBobBob");
  const roles = ["AnnAnnAnnAnn", "BobBobBobBob", "CidCidCidCid", undefined]
    .map((user) => memberships.access(name, user).role);
  assertEquals(roles, ["member", "member", undefined, undefined]);
  assertEquals([memberships.access(name).isPrivate, memberships.isPrivate(name)], [true, true]);
});
