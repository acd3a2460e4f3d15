/** How many rooms a guest and an address may make, and when rooms end in which nothing is said. */
import { mayInviteTo } from "../../hub/people_commands.ts";
import { expireRooms } from "../../hub/room_expiry.ts";
import { say } from "../../hub/commands.ts";
import { assert, assertEquals, assertObjectMatch, assertRejects } from "../support/assert.ts";
import { GatedStore } from "../support/gated_store.ts";
import { HubHarness, type Person } from "../support/hub_harness.ts";
import { Refused, type Role } from "../../protocol.ts";
import { createMemoryStore } from "../../store/memory/store.ts";
import type { Store } from "../../store/store.ts";

/** Has somebody enter rooms; returns which of them it may not enter. */
async function enterAll(person: Person, rooms: readonly string[]): Promise<string[]> {
  const refused: string[] = [];
  for (const room of rooms) {
    person.send({ type: "join", room, id: room });
    const answer = await person.answerTo(room);
    if (answer.type !== "error") continue;
    assertEquals([answer.code, answer.retry_ms], ["too_many", 60_000]);
    refused.push(room);
  }
  return refused;
}

/** A new hub on a store that another one has used. */
async function restart(store: Store, options: object): Promise<HubHarness> {
  return new HubHarness({ store, rooms: await store.roomsState(), ...options });
}

Deno.test("RoomMakers.make() lets a guest make so many rooms, and enter those of others", async () => {
  await using harness = new HubHarness({ roomsPerGuest: 2 });
  const ann = await harness.enter("ann");
  assertEquals(await enterAll(ann, ["a", "b", "c"]), ["c"]);
  const bob = await harness.enter("bob", { room: "c" });
  assertEquals(await enterAll(ann, ["c"]), []);
  ann.send({ type: "create", room: "d", id: "d" });
  assertObjectMatch(await ann.answerTo("d"), { code: "forbidden" });
  assertEquals(await enterAll(bob, ["d", "e"]), ["e"]);
  // Who made a room in which nothing is kept, and has left it, has not made it any more.
  ann.send({ type: "leave", room: "a" }, { type: "leave", room: "b" });
  await harness.settled();
  assertEquals(await enterAll(ann, ["f", "g", "h"]), ["h"]);
});

Deno.test("RoomMakers.make() counts logins, new rooms, files, direct and remote messages", async () => {
  await using harness = new HubHarness({ roomsPerGuest: 1, roomsPerAddress: 4 });
  const away = { ip: "203.0.113.9" };
  const [bob, cid] = [await harness.enter("bob", {}, away), await harness.enter("cid", {}, away)];
  const ann = await harness.enter("ann", { remember: true });
  ann.send({ type: "create", room: "mine", private: true, id: "c1" });
  assertObjectMatch(await ann.answerTo("c1"), { type: "create" });
  ann.send({ type: "create", room: "more", id: "c2" });
  assertObjectMatch(await ann.answerTo("c2"), { code: "too_many" });
  ann.send({ type: "direct", to: "bob", content: "hi", id: "d" });
  assertObjectMatch(await ann.answerTo("d"), { code: "too_many" });
  const { id, name } = ann.user;
  const principal = { user: { id, name, role: "guest" as const } };
  const speech = { principal, ip: "192.0.2.1", content: "hi" };
  await assertRejects(
    () => say(harness.hub, { ...speech, room: "third" }),
    Refused,
    "a guest may make 1 rooms",
  );
  await assertRejects(
    () => say(harness.hub, { ...speech, room: { other: cid.user } }),
    Refused,
    "may make 1",
  );
  // Bob begins the conversation, and Ann may answer.
  bob.send({ type: "direct", to: "ann", content: "hello" });
  await ann.next("user");
  ann.send({ type: "user", room: "@bob", content: "hi", id: "answer" });
  assertObjectMatch(await ann.answerTo("answer"), { type: "user", content: "hi" });
  const eve = harness.connect();
  eve.send({ type: "login", content: "eve", room: "x1" });
  await eve.loggedIn();
  assertEquals(await enterAll(eve, ["x2"]), ["x2"]);
});

Deno.test("RoomMakers.make() bounds the rooms from one network, whoever the guests are", async () => {
  await using harness = new HubHarness({ roomsPerAddress: 3 });
  const guests = await Promise.all(
    ["1::1", "1::2", "1::3", "1:0:0:0:9::", "1:0:0:1::"].map((ip, index) =>
      harness.enter(`guest${index}`, {}, { ip })
    ),
  );
  const refused: string[] = [];
  for (const [index, guest] of guests.entries()) {
    refused.push(...await enterAll(guest, [`r${index}`]));
  }
  assertEquals(refused, ["r3"]);
  // Without an address there is none to count by.
  const local = await harness.enter("local", {}, { ip: "" });
  assertEquals(await enterAll(local, ["1", "2", "3", "4", "5"]), []);
});

Deno.test("RoomMakers.make() refuses a login to a room too many, and the name is free again", async () => {
  await using harness = new HubHarness({ roomsPerAddress: 1 });
  await harness.enter("ann", { room: "a" });
  const bob = harness.connect();
  bob.send({ type: "login", content: "bob", room: "b", id: "l" });
  const answer = await bob.answerTo("l");
  assertObjectMatch(answer, { type: "error", code: "too_many", retry_ms: 60_000 });
  assert(answer.type === "error");
  assertEquals(
    answer.content,
    "Cannot log in: 1 rooms may be made from one address; enter one that is there, or try again later: " +
      "rooms expire in which nothing is said",
  );
  bob.send({ type: "login", content: "bob", room: "lobby", id: "l2" });
  assertObjectMatch(await bob.answerTo("l2"), { type: "login", room: "lobby" });
  const cid = harness.connect();
  cid.send({ type: "login", content: "bob", room: "lobby", id: "l3" });
  assertObjectMatch(await cid.answerTo("l3"), { code: "name_taken" });
});

/** Somebody with a role of more than a guest. */
async function enterAs(harness: HubHarness, role: Role, name: string): Promise<Person> {
  const person = await harness.enter(name);
  await harness.people.change(person.user.id, { role, remembered: true });
  await harness.settled();
  return person;
}

Deno.test("RoomMakers.make() counts members by network, and admins not at all", async () => {
  await using harness = new HubHarness({ roomsPerGuest: 1, roomsPerAddress: 3 });
  const admin = await enterAs(harness, "admin", "root");
  assertEquals(await enterAll(admin, ["1", "2", "3", "4", "5"]), []);
  const ann = await enterAs(harness, "member", "ann");
  assertEquals(await enterAll(ann, ["a", "b", "c", "d"]), ["d"]);
  // Members talk to each other however many they are, and count who is a guest.
  await enterAs(harness, "member", "bob");
  await harness.enter("cid");
  ann.send({ type: "direct", to: "bob", content: "hi", id: "d1" });
  assertObjectMatch(await ann.answerTo("d1"), { type: "user" });
  ann.send({ type: "direct", to: "cid", content: "hi", id: "d2" });
  assertObjectMatch(await ann.answerTo("d2"), { code: "too_many" });
  // A topic makes a room nobody's but the network's.
  ann.send({ type: "topic", room: "a", content: "x", id: "t" });
  assertObjectMatch(await ann.answerTo("t"), { type: "topic" });
  assertEquals(await enterAll(ann, ["d"]), ["d"]);
  const { makers } = await harness.store.roomsState();
  assertEquals(makers.find(({ room }) => room === "a")?.user, "");
});

Deno.test("RoomMakers remembers over a restart who made what, and lets nobody make it anew each day", async () => {
  const store = createMemoryStore();
  const options = { roomsPerGuest: 3, roomsPerAddress: 3 };
  {
    await using harness = new HubHarness({ store: keptOpen(store), ...options });
    const ann = await harness.enter("ann");
    for (const room of ["a", "b"]) {
      ann.send({ type: "join", room }, { type: "user", room, content: "hi", id: room });
      await ann.answerTo(room);
    }
    assertEquals((await store.roomsState()).makers.map(({ room, network }) => [room, network]), [
      ["a", "192.0.2.1"],
      ["b", "192.0.2.1"],
    ]);
  }
  await using harness = await restart(keptOpen(store), options);
  harness.now += 400 * 24 * 60 * 60 * 1000;
  assertEquals(await expireRooms(harness.hub, harness.visits, harness.now), 0);
  const bob = await harness.enter("bob");
  assertEquals(await enterAll(bob, ["a", "b", "c", "d"]), ["d"]);
});

/** A store that outlives the harness that uses it. */
function keptOpen(store: Store): Store {
  return new Proxy(store, {
    get(target, key) {
      if (key === "close") return () => Promise.resolve();
      const value: unknown = Reflect.get(target, key);
      return typeof value === "function" ? value.bind(target) : value;
    },
  });
}

Deno.test("RoomMakers counts nothing that the store could not keep", async () => {
  const store = new GatedStore();
  store.gatesCommits = false;
  await using harness = new HubHarness({ store, roomsPerGuest: 1 });
  const ann = await harness.enter("ann", { remember: true });
  store.gatesCommits = true;
  ann.send({ type: "create", room: "a", id: "a" });
  (await store.commits.receive())?.fail();
  assertObjectMatch(await ann.answerTo("a"), { code: "unavailable" });
  ann.send({ type: "create", room: "b", id: "b" });
  await (await store.commits.receive())?.pass();
  assertObjectMatch(await ann.answerTo("b"), { type: "create" });
  store.open();
  ann.send({ type: "create", room: "c", id: "c" });
  assertObjectMatch(await ann.answerTo("c"), { code: "too_many" });
});

Deno.test("expireRooms() ends rooms of guests in which nothing was said and nobody is", async () => {
  await using harness = new HubHarness({ roomsPerGuest: 5 });
  const { hub, visits, store } = harness;
  const ann = await harness.enter("ann", { remember: true });
  ann.send({ type: "create", room: "silent", private: true, topic: "x" });
  await ann.next("create");
  assertEquals(await enterAll(ann, ["said", "open", "known"]), []);
  ann.say("hi", "said");
  await ann.next("user");
  const member = await harness.enter("mel");
  await harness.people.change(member.user.id, { role: "member", remembered: true });
  await harness.settled();
  assertEquals(await enterAll(member, ["known"]), []);
  const bob = await harness.enter("bob", { room: "open" });
  for (const person of [ann, member]) person.socket.hangUp();
  await harness.settled();
  assertEquals(await expireRooms(hub, visits, harness.now), 0, "made now");
  assertEquals(await expireRooms(hub, visits, harness.now + 1), 1);
  const state = await store.roomsState();
  assertEquals(state.rooms, []);
  assertEquals([...new Set(state.members.map(({ room }) => room))].sort(), [
    "known",
    "lobby",
    "open",
    "said",
  ]);
  bob.socket.hangUp();
  await harness.settled();
  assertEquals(await expireRooms(hub, visits, harness.now + 1), 1);
  assertEquals((await store.roomsState()).makers.map(({ room }) => room).sort(), ["known", "said"]);
  // The name is free, and counts anew.
  const cid = await harness.enter("cid", { remember: true });
  cid.send({ type: "create", room: "silent", id: "s" });
  assertObjectMatch(await cid.answerTo("s"), { type: "create", room: "silent" });
});

Deno.test("expireRooms() leaves a room alone whose topic a member has set", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann");
  const member = await harness.enter("mel");
  await harness.people.change(member.user.id, { role: "admin", remembered: true });
  await harness.settled();
  await enterAll(ann, ["den"]);
  await enterAll(member, ["den"]);
  member.send({ type: "topic", room: "den", content: "plans", id: "t" });
  await member.answerTo("t");
  member.send({ type: "leave", room: "den" });
  ann.send({ type: "leave", room: "den" });
  await harness.settled();
  assertEquals(await expireRooms(harness.hub, harness.visits, harness.now + 1), 0);
  assertEquals((await harness.store.roomsState()).rooms.map(({ topic }) => topic), ["plans"]);
});

Deno.test("leave() frees the name of a private room in which nothing was ever said", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [
    await harness.enter("ann", { remember: true }),
    await harness.enter("bob", { remember: true }),
  ];
  for (const room of ["silent", "said"]) {
    ann.send({ type: "create", room, private: true, id: room });
    await ann.answerTo(room);
  }
  ann.say("a secret", "said");
  await ann.next("user");
  ann.send({ type: "leave", room: "silent" }, { type: "leave", room: "said" });
  await harness.settled();
  bob.send({ type: "create", room: "silent", id: "1" }, { type: "create", room: "said", id: "2" });
  assertObjectMatch(await bob.answerTo("1"), { type: "create", room: "silent" });
  // What was said there stays secret.
  assertObjectMatch(await bob.answerTo("2"), { code: "forbidden" });
});

Deno.test("mayInviteTo() lets only admins have an invitation make a room", async () => {
  await using harness = new HubHarness();
  const ann = await enterAs(harness, "member", "ann");
  assertEquals(await enterAll(ann, ["den"]), []);
  const asked = async (role: Role) => {
    const principal = { user: { ...ann.user, role } };
    return [
      await mayInviteTo(harness.hub, principal, "den"),
      await mayInviteTo(harness.hub, principal, "new"),
      await mayInviteTo(harness.hub, principal, "lobby"),
    ];
  };
  assertEquals(await asked("member"), [true, false, true]);
  assertEquals(await asked("admin"), [true, true, true]);
});
