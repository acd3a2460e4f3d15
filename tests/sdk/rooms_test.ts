/**
 * Memberships, rooms with members and direct conversations.
 *
 * @module
 */
import { RefusedError } from "../../sdk/hubbub.js";
import type { ClientOptions } from "../../sdk/types.js";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { settle } from "../support/promises.ts";
import { FakeWorld, history, idOf, membership, presence, said } from "./fakes.ts";

const BO = `@${idOf("bo")}`;

/** A client that is online in the lobby, and a member of these rooms. */
function setUp(rooms?: Record<string, unknown>[], options: Partial<ClientOptions> = {}) {
  const world = new FakeWorld();
  const client = world.client(options);
  const heard: string[] = [];
  client.on("message", ({ room, content }, { missed }) => {
    heard.push(`${room} ${content}${missed ? " late" : ""}`);
  });
  client.start();
  world.socket.greet();
  world.socket.welcome([], true, rooms && { rooms });
  return { world, client, heard };
}

function comeBack(world: FakeWorld, rooms?: Record<string, unknown>[], epoch = "e1"): void {
  world.socket.break();
  world.advance(500);
  world.socket.greet(epoch);
  world.socket.welcome([], true, rooms && { rooms });
}

function roomsOf(world: FakeWorld): string[] {
  return world.socket.all("join").map(({ room }) => room);
}

Deno.test("HubbubClient enters every room that it is a member of, if it is told to", () => {
  const rooms = [membership("lobby"), membership("tea"), membership(BO)];
  const { world, client } = setUp(rooms, { rooms: "memberships" });
  assertEquals(world.socket.last("login").room, "lobby");
  assertEquals(roomsOf(world), ["tea"]);
  assertEquals(client.rooms, ["lobby", "tea"]);
});

Deno.test("HubbubClient enters only the rooms that it was given, and knows of the others", () => {
  const { world, client } = setUp([membership("lobby"), membership("tea", { topic: "Tea" })]);
  assertEquals(roomsOf(world), []);
  assertEquals(client.memberships.map(({ room, topic }) => [room, topic]), [
    ["lobby", undefined],
    ["tea", "Tea"],
  ]);
});

Deno.test("HubbubClient has no memberships as a guest that is not remembered", () => {
  const { world, client } = setUp();
  client.join("tea");
  world.socket.letIn("tea");
  assertEquals(client.memberships, []);
});

Deno.test("HubbubClient.memberships follows what happens to the user's rooms", async () => {
  const { world, client } = setUp([membership("lobby")]);
  const me = { id: idOf("ann"), name: "ann", role: "guest" };
  const made = client.create("den", { private: true, topic: "Quiet" });
  const { id, type: _, ...wanted } = world.socket.last("create");
  assertEquals(wanted, { room: "den", private: true, topic: "Quiet" });
  const by = { from: "ann", by: me.id };
  world.socket.say({ type: "create", ...wanted, ...by, id });
  assertEquals((await made).room, "den");
  world.socket.say({ type: "topic", room: "den", ...by, content: "Loud" });
  world.socket.say({ type: "invite", room: "attic", ...by, user: me });
  world.socket.say({ type: "invite", room: "cellar", ...by, user: { ...me, id: "other" } });
  world.socket.say({ type: "role", room: "attic", ...by, user: me, content: "moderator" });
  client.join("tea");
  world.socket.letIn("tea");
  const told = () => client.memberships.map(({ room, role, topic }) => [room, role, topic]);
  assertEquals(told(), [
    ["lobby", undefined, undefined],
    ["den", "owner", "Loud"],
    ["attic", "moderator", undefined],
    ["tea", undefined, undefined],
  ]);
  world.socket.say({ type: "topic", room: "den", ...by, content: "" });
  world.socket.say({ type: "remove", room: "attic", ...by, user: me });
  client.leave("tea");
  assertEquals(told(), [["lobby", undefined, undefined], ["den", "owner", undefined]]);
});

Deno.test("HubbubClient is in a room that it has made, and hears all of it", () => {
  const { world, client, heard } = setUp();
  client.create("den");
  const { id } = world.socket.last("create");
  world.socket.say({ type: "create", room: "den", from: "ann", by: idOf("ann"), id });
  client.say("den", "first");
  assertEquals(world.socket.last("user").room, "den");
  world.socket.say(said(1, "one", { room: "den" }), said(2, "two", { room: "den" }));
  assertEquals(heard, ["den one", "den two"]);
  comeBack(world);
  assertEquals(world.socket.last("join").since, 2);
});

Deno.test("HubbubClient asks about rooms and their members by name", async () => {
  const { world, client } = setUp();
  const asked = [
    client.invite("den", "bo"),
    client.remove("den", "@b"),
    client.topic("den", "Tea"),
    client.role("den", "bo", "owner"),
    client.users("den", { all: true }),
    client.users("den"),
  ];
  const sent = world.socket.sent.slice(-asked.length).map(({ id: _, ...request }) => request);
  assertEquals(sent, [
    { type: "invite", room: "den", user: "bo" },
    { type: "remove", room: "den", user: "@b" },
    { type: "topic", room: "den", content: "Tea" },
    { type: "role", room: "den", user: "bo", content: "owner" },
    { type: "users", room: "den", all: true },
    { type: "users", room: "den" },
  ]);
  world.socket.refuse("invite", "forbidden");
  const error = await assertRejects(() => asked[0] ?? Promise.resolve(), RefusedError);
  assertEquals(error.code, "forbidden");
  world.socket.break();
  await Promise.allSettled(asked);
});

Deno.test("HubbubClient is out of a room from which it was removed, and does not return", () => {
  const { world, client, heard } = setUp();
  const removed: string[] = [];
  client.on("remove", ({ room }) => removed.push(room));
  client.join("den");
  world.socket.letIn("den");
  const remove = { type: "remove", room: "den", from: "bo", by: idOf("bo") };
  world.socket.say({ ...remove, user: { id: "x", name: "x", role: "guest" } });
  assertEquals(client.rooms, ["lobby", "den"]);
  world.socket.say({ ...remove, user: { id: idOf("ann"), name: "ann", role: "guest" } });
  world.socket.say(said(1, "secret", { room: "den" }));
  assertEquals([removed, client.rooms, heard], [["den", "den"], ["lobby"], []]);
  comeBack(world);
  assertEquals(roomsOf(world), []);
});

Deno.test("HubbubClient is out of a room that its user has left on another device", () => {
  const memberships = [membership("lobby"), membership("tea")];
  const { world, client } = setUp(memberships, { rooms: "memberships" });
  world.socket.letIn("tea");
  world.socket.say(presence("logout", "tea", "ann", []));
  assertEquals(client.rooms, ["lobby"]);
  assertEquals(client.memberships.map(({ room }) => room), ["lobby"]);
  comeBack(world, [membership("lobby")]);
  assertEquals(roomsOf(world), []);
});

Deno.test("HubbubClient keeps a room that it joins again while it leaves it", () => {
  const { world, client } = setUp(undefined, { rooms: ["lobby", "tea"] });
  world.socket.letIn("tea");
  client.leave("tea");
  client.join("tea");
  world.socket.say(presence("logout", "tea", "ann", []));
  assertEquals(client.rooms, ["lobby", "tea"]);
});

Deno.test("HubbubClient enters a room into which it is invited, if it is in all of its rooms", () => {
  for (const rooms of ["memberships", ["lobby"]] as const) {
    const options = { rooms: rooms === "memberships" ? rooms : [...rooms] };
    const { world } = setUp([membership("lobby")], options);
    const user = { id: idOf("ann"), name: "ann", role: "guest" };
    world.socket.say({ type: "invite", room: "den", from: "bo", by: idOf("bo"), user });
    assertEquals(roomsOf(world), rooms === "memberships" ? ["den"] : []);
  }
});

Deno.test("HubbubClient tells that a room is closed to it after a break, and asks no more", async () => {
  const { world, client } = setUp();
  const refused: string[] = [];
  client.on("join-refused", ({ room, error }) => refused.push(`${room}: ${error.code}`));
  client.join("den");
  world.socket.letIn("den");
  comeBack(world);
  world.socket.refuse("join", "forbidden");
  await settle();
  assertEquals([refused, client.rooms], [["den: forbidden"], ["lobby"]]);
  comeBack(world);
  assertEquals(roomsOf(world), []);
});

Deno.test("HubbubClient tries a room again that the server could not open for a moment", async () => {
  const { world, client } = setUp();
  const joined = client.join("den");
  world.socket.refuse("join", "unavailable", { retry_ms: 300 });
  await settle();
  world.advance(300);
  assertEquals(roomsOf(world), ["den", "den"]);
  world.socket.letIn("den");
  await joined;
});

Deno.test("HubbubClient hears direct conversations without entering them", () => {
  const { world, client, heard } = setUp([membership("lobby")]);
  world.socket.say(said(7, "psst", { room: BO }), said(8, "again", { room: BO }));
  assertEquals(heard, [`${BO} psst`, `${BO} again`]);
  assertEquals([client.rooms, client.conversations], [["lobby"], [BO]]);
  assertEquals(client.unread(BO).count, 2);
  assertEquals(client.memberships.map(({ room, unread }) => [room, unread])[1], [BO, 2]);
  assertEquals(roomsOf(world), []);
});

Deno.test("HubbubClient fills a gap in a direct conversation", async () => {
  const { world, heard } = setUp([membership(BO, { last: 3 })]);
  world.socket.say(said(5, "five", { room: BO }));
  const { id, after } = world.socket.last("history");
  assertEquals(after, 3);
  world.socket.say(history([said(4, "four", { room: BO })], { room: BO, id }));
  await settle();
  assertEquals(heard, [`${BO} four`, `${BO} five`]);
});

Deno.test("HubbubClient reads after a break what was said in direct conversations meanwhile", () => {
  const other = "@id-of-eve";
  const { world, heard } = setUp([membership(BO, { last: 3 }), membership(other, { last: 1 })]);
  world.socket.say(said(4, "four", { room: BO }));
  comeBack(world, [membership(BO, { last: 6 }), membership(other, { last: 1 })]);
  // Where nothing was said, nothing is asked.
  assertEquals(roomsOf(world), [BO]);
  const { since, epoch } = world.socket.last("join");
  assertEquals({ since, epoch }, { since: 4, epoch: "e1" });
  const missed = [said(5, "five", { room: BO }), said(6, "six", { room: BO })];
  world.socket.letIn(BO, "ann", missed);
  world.socket.say(said(7, "seven", { room: BO }), said(2, "two", { room: other }));
  assertEquals(heard, [
    `${BO} four`,
    `${BO} five late`,
    `${BO} six late`,
    `${BO} seven`,
    `${other} two`,
  ]);
});

Deno.test("HubbubClient asks for every direct conversation of a guest that has no memberships", () => {
  const { world, client, heard } = setUp();
  world.socket.say(said(1, "one", { room: BO }));
  comeBack(world);
  assertEquals(roomsOf(world), [BO]);
  world.socket.letIn(BO, "ann", [said(2, "two", { room: BO })]);
  assertEquals(heard, [`${BO} one`, `${BO} two late`]);
  assertEquals(client.unread(BO).count, 2);
});

Deno.test("HubbubClient forgets the conversations of data that the server has no more", () => {
  const { world, client } = setUp([membership(BO)]);
  comeBack(world, [], "e2");
  assertEquals(client.conversations, []);
});

Deno.test("HubbubClient.direct() brings the newest page of a conversation", async () => {
  const { world, client } = setUp([membership(BO, { last: 2 })]);
  const pages: string[][] = [];
  client.on("history", ({ messages }) => pages.push(messages.map(({ content }) => content)));
  const opened = client.direct({ id: idOf("bo") });
  const { room, epoch } = world.socket.last("join");
  assertEquals([room, epoch], [BO, "none"]);
  world.socket.letIn(BO, "ann", [said(1, "a", { room: BO }), said(2, "b", { room: BO })]);
  assertEquals([await opened, pages], [BO, [["a", "b"]]]);
  assertEquals(await client.direct(BO), BO);
  assertEquals(roomsOf(world), [BO]);
});

Deno.test("HubbubClient.direct() learns the id behind a name from the server", async () => {
  const { world, client, heard } = setUp();
  const opened = client.direct("bo");
  const { room, id } = world.socket.last("join");
  assertEquals(room, "@bo");
  const page = [said(1, "old", { room: BO })];
  world.socket.say(
    presence("login", BO, "ann", ["ann"], id),
    history(page, { room: BO, complete: false }),
  );
  assertEquals(await opened, BO);
  world.socket.say(said(2, "new", { room: BO }));
  assertEquals([client.conversations, heard], [[BO], [`${BO} new`]]);
  const refused = client.direct("nobody");
  world.socket.refuse("join", "no_such_user");
  assertEquals((await assertRejects(() => refused, RefusedError)).code, "no_such_user");
});

Deno.test("HubbubClient.say() speaks in a direct conversation at once, and resends after a break", async () => {
  const { world, client } = setUp([membership(BO)]);
  const kept = client.tell(BO, "hi");
  const { room, id } = world.socket.last("user");
  assertEquals(room, BO);
  comeBack(world, [membership(BO)]);
  assertEquals(world.socket.last("user").id, id);
  world.socket.say(said(11, "hi", { room: BO, from: "ann", id }));
  assertEquals((await kept).seq, 11);
  assertEquals(client.unread(BO).count, 0);
});

Deno.test("HubbubClient.tell() resolves to the message that the server keeps in the conversation", async () => {
  const { world, client, heard } = setUp();
  const kept = client.tell("bo", "hi");
  const { to, id } = world.socket.last("direct");
  assertEquals(to, "bo");
  world.socket.say(said(1, "hi", { room: BO, from: "ann", id }));
  assertEquals((await kept).room, BO);
  assertEquals(heard, [`${BO} hi`]);
  assert(client.queue.size === 0);
});

Deno.test("HubbubClient.leave() only forgets a direct conversation, until somebody speaks in it", () => {
  const { world, client, heard } = setUp();
  world.socket.say(said(1, "one", { room: BO }));
  client.leave(BO);
  assertEquals([client.conversations, world.socket.all("leave")], [[], []]);
  world.socket.say(said(2, "two", { room: BO }));
  assertEquals(heard, [`${BO} one`, `${BO} two`]);
});

Deno.test("HubbubClient.join() resumes a direct conversation of an earlier run", async () => {
  const { world, client, heard } = setUp([membership(BO, { last: 10 })]);
  const joined = client.join(BO, { last: 10, at: 10_000, changes: 3, epoch: "e1", run: "r0" });
  // Nothing was said meanwhile, but something may have been changed.
  const { since, at, changes, epoch, run } = world.socket.last("join");
  assertEquals({ since, at, changes, epoch, run }, {
    since: 10,
    at: 10_000,
    changes: 3,
    epoch: "e1",
    run: "r0",
  });
  world.socket.letIn(BO, "ann", [], { last: 10, change: 4, changed: [] });
  await joined;
  assertEquals(heard, []);
});
