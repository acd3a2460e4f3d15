/** Read markers and unread messages: the same on all devices. */
import { assertEquals, assertObjectMatch } from "../../support/assert.ts";
import type { MembershipEntry } from "../../../protocol.ts";
import { openSqliteStore } from "../../../store/sqlite/store.ts";
import { HubHarness, type Person } from "../../support/hub_harness.ts";
import { admit, ask, seen } from "./people.ts";

/** What a user is told of a room when it logs in on one more connection. */
async function entryOf(harness: HubHarness, person: Person, room = "lobby") {
  const again = harness.connect();
  again.send({ type: "login", session: person.session, room: "elsewhere" });
  const { rooms = [] } = await again.loggedIn();
  again.socket.hangUp();
  await harness.settled();
  const { last, read, unread, mentions } = rooms.find((entry) => entry.room === room) ??
    {} as Partial<MembershipEntry>;
  return { last, read, unread, mentions };
}

Deno.test("Hub tells all connections of a user, and nobody else, what it has read", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  const phone = await harness.enterAgain(ann);
  await ask(bob, { type: "user", content: "1" });
  await seen(harness, ann);
  phone.send({ type: "read", seq: 1, id: "r" });
  assertEquals(await phone.next("read"), { type: "read", room: "lobby", seq: 1, id: "r" });
  assertObjectMatch(await ann.next("read"), { room: "lobby", seq: 1 });
  assertEquals(await seen(harness, bob), []);
});

Deno.test("Hub never moves what was read back, nor beyond the last message", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  for (const content of ["1", "2", "3"]) await ask(bob, { type: "user", content });
  assertObjectMatch(await ask(ann, { type: "read", seq: 2 }), { seq: 2 });
  assertObjectMatch(await ask(ann, { type: "read", seq: 1 }), { seq: 2 });
  assertEquals(await entryOf(harness, ann), { last: 3, read: 2, unread: 1, mentions: 0 });
  assertObjectMatch(await ask(ann, { type: "read", seq: 99 }), { seq: 3 });
  await ask(bob, { type: "user", content: "4" });
  assertEquals(await entryOf(harness, ann), { last: 4, read: 3, unread: 1, mentions: 0 });
});

Deno.test("Hub answers a marker that is behind only if it has an id, and tells no other connection", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  const phone = await harness.enterAgain(ann);
  await ask(ann, { type: "user", content: "1" });
  await ask(ann, { type: "read", seq: 1 });
  for (const person of [ann, phone]) await seen(harness, person);
  ann.send({ type: "read", seq: 1 });
  assertEquals([await seen(harness, ann), await seen(harness, phone)], [[], []]);
});

Deno.test("Hub counts what others said since, who mentions the user, and not what it said itself", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  for (const content of ["hello @ann", "no @annabel", "@ANN!"]) {
    await ask(bob, { type: "user", content });
  }
  await ask(ann, { type: "user", content: "@ann myself" });
  await ask(bob, { type: "user", content: "gone" });
  await ask(bob, { type: "delete", seq: 5 });
  assertEquals(await entryOf(harness, ann), { last: 5, read: 0, unread: 3, mentions: 2 });
  await ask(ann, { type: "rename", content: "zoe" });
  assertEquals(await entryOf(harness, ann), { last: 5, read: 0, unread: 3, mentions: 0 });
});

Deno.test("Hub counts at most 200 unread messages", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  bob.send(...Array.from({ length: 205 }, () => ({ type: "user", content: "@ann" })));
  await ask(bob, { type: "ping" });
  await harness.settled();
  assertEquals(await entryOf(harness, ann), { last: 205, read: 0, unread: 200, mentions: 200 });
});

Deno.test("Hub lets a new member begin with everything read", async () => {
  await using harness = new HubHarness();
  const bob = await admit(harness, "bob");
  await ask(bob, { type: "user", content: "long ago" });
  const ann = await admit(harness, "ann");
  assertEquals(await entryOf(harness, ann), { last: 1, read: 1, unread: 0, mentions: 0 });
});

Deno.test("Hub keeps no marker for a guest who is not kept, and none that was not committed", async () => {
  await using harness = new HubHarness();
  const guest = await harness.enter("guest");
  await ask(guest, { type: "user", content: "1" });
  assertObjectMatch(await ask(guest, { type: "read", seq: 1 }), { type: "read", seq: 1 });
  const { members } = await harness.store.roomsState();
  assertEquals(members, []);
});

Deno.test("Hub keeps memberships, markers and direct conversations across a restart", async () => {
  const dir = Deno.makeTempDirSync({ prefix: "hubbub-" });
  try {
    const open = async () => {
      const store = await openSqliteStore({ dir, sync: "normal" });
      return { store, rooms: await store.roomsState() };
    };
    let ann: Person, bob: Person;
    const first = new HubHarness(await open());
    {
      await using harness = first;
      ann = await admit(harness, "ann");
      bob = await admit(harness, "bob");
      for (const content of ["1", "2"]) await ask(bob, { type: "user", content });
      await ask(ann, { type: "read", seq: 1 });
      await ask(bob, { type: "user", room: "@ann", content: "psst" });
      await ask(bob, { type: "create", room: "secret", private: true, topic: "T" });
    }
    await using harness = new HubHarness({ ...await open(), people: first.people });
    assertEquals(await entryOf(harness, ann), { last: 2, read: 1, unread: 1, mentions: 0 });
    assertEquals(await entryOf(harness, ann, `@${bob.user.id}`), {
      last: 1,
      read: 0,
      unread: 1,
      mentions: 0,
    });
    const back = await harness.enterAgain(ann);
    assertObjectMatch(await ask(back, { type: "join", room: "secret" }), { code: "forbidden" });
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});
