/**
 * Coming back: what a client claims, and what it makes of the answer.
 *
 * @module
 */
import { RefusedError } from "../../sdk/hubbub.js";
import type { ClientOptions } from "../../sdk/types.js";
import { assertEquals, assertRejects } from "../support/assert.ts";
import { settle } from "../support/promises.ts";
import { FakeWorld, history, idOf, membership, presence, said } from "./fakes.ts";

const BO = `@${idOf("bo")}`;

/** A client in the lobby, where these messages are, and everything that it tells. */
function setUp(messages = [said(1, "one"), said(2, "two")], options: Partial<ClientOptions> = {}) {
  const world = new FakeWorld();
  const client = world.client(options);
  const told: string[] = [];
  const textOf = (all: { content: string }[]) => all.map(({ content }) => content).join(" ");
  client.on("history", (page) => told.push(`history ${textOf(page.messages)}`));
  client.on("restart", ({ room }) => told.push(`restart ${room}`));
  client.on("changed", (changed) => told.push(`changed ${textOf(changed.messages)}`));
  client.on("edit", ({ content }) => told.push(`edit ${content}`));
  client.on("react", ({ content, count }) => told.push(`react ${content} ${count}`));
  client.on("message", ({ content }, { missed }) => {
    told.push(`message ${content}${missed ? " late" : ""}`);
  });
  client.start();
  world.socket.greet();
  world.socket.welcome(messages, false, {}, { change: 5 });
  told.length = 0;
  return { world, client, told };
}

function comeBack(world: FakeWorld, epoch = "e1", run = "r1"): void {
  world.socket.break();
  world.advance(500);
  world.socket.greet(epoch, {}, undefined, run);
}

function edit(change: number, content: string, more: Record<string, unknown> = {}) {
  const by = { room: "lobby", from: "bo", by: idOf("bo") };
  return { type: "edit", ...by, seq: 1, content, time: 9, change, ...more };
}

function claimed({ socket }: FakeWorld, type = "login") {
  const { since, at, changes, epoch, run } = socket.last(type);
  return { since, at, changes, epoch, run };
}

Deno.test("HubbubClient claims what it has seen, under the run in which it saw it", () => {
  const { world, client } = setUp();
  world.socket.say(said(3, "three"), edit(6, "ONE"));
  const seen = { since: 3, at: 3_000, changes: 6, epoch: "e1", run: "r1" };
  comeBack(world, "e1", "r2");
  assertEquals(claimed(world), seen);
  // The answer did not come.
  comeBack(world, "e1", "r3");
  assertEquals(claimed(world), seen);
  world.socket.welcome([], true, {}, { last: 3, change: 8, changed: [] });
  const { since: last, ...rest } = seen;
  assertEquals(client.position("lobby"), { last, ...rest, changes: 8, run: "r3" });
});

Deno.test("HubbubClient tells what was missed, then what was changed", () => {
  const { world, told } = setUp();
  comeBack(world);
  const changed = [said(1, "ONE", { edited: 9 })];
  world.socket.welcome([said(3, "three")], true, {}, { change: 6, changed });
  assertEquals(told, ["history three", "changed ONE", "message three late"]);
});

Deno.test("HubbubClient starts a room over if the server cannot vouch for what was seen", () => {
  const { world, client, told } = setUp();
  comeBack(world);
  world.socket.welcome([said(2, "two"), said(3, "three")], false, {}, { change: 9 });
  assertEquals(told, ["restart lobby", "history two three", "message three late"]);
  assertEquals(client.unread("lobby").count, 1);
  world.socket.say(said(4, "four"), edit(10, "ONE"));
  comeBack(world);
  assertEquals(claimed(world), { since: 4, at: 4_000, changes: 10, epoch: "e1", run: "r1" });
});

Deno.test("HubbubClient tells by the time what is new in data that were put back", () => {
  const { world, told } = setUp();
  world.socket.say(said(3, "lost"));
  comeBack(world, "e1", "r2");
  const page = [said(1, "one"), said(2, "two"), said(3, "instead", { time: 3_500 })];
  world.socket.welcome(page, false, {}, { change: 2 });
  assertEquals(told.slice(1), [
    "restart lobby",
    "history one two instead",
    "message instead late",
  ]);
  comeBack(world, "e1", "r2");
  assertEquals(claimed(world), { since: 3, at: 3_500, changes: 2, epoch: "e1", run: "r2" });
});

Deno.test("HubbubClient trusts the server's read marker when the numbers are others", () => {
  const { world, client } = setUp(undefined, { rooms: "memberships" });
  world.socket.say(said(3, "lost"), said(4, "lost, too"));
  client.markRead("lobby");
  comeBack(world, "e1", "r2");
  const rooms = [membership("lobby", { last: 4, read: 2, unread: 2, mentions: 0 })];
  const page = [said(3, "new", { time: 5_000 }), said(4, "newer", { time: 6_000 })];
  world.socket.welcome(page, false, { rooms });
  assertEquals(client.unread("lobby"), { read: 2, count: 2, mentions: 0, line: 3 });
});

Deno.test("HubbubClient starts nothing over on its first visit", () => {
  const world = new FakeWorld();
  const client = world.client();
  let restarts = 0;
  client.on("restart", () => restarts++);
  client.start();
  world.socket.greet();
  world.socket.welcome([said(1, "one")], false);
  assertEquals(restarts, 0);
});

Deno.test("HubbubClient claims nothing of a room in which a change was left out", () => {
  const { world, client, told } = setUp();
  // 6 was a removal by retention, of which nobody is told.
  world.socket.say(edit(7, "seven"), edit(8, "eight"));
  assertEquals(client.position("lobby"), undefined);
  comeBack(world);
  const { since, epoch } = claimed(world);
  assertEquals({ since, epoch }, { since: 0, epoch: "none" });
  world.socket.welcome([said(2, "two"), said(3, "three")], false, {}, { change: 8 });
  assertEquals(told.slice(2), ["restart lobby", "history two three", "message three late"]);
  assertEquals(client.position("lobby")?.changes, 8);
});

Deno.test("HubbubClient counts changes that come in another order", () => {
  const { world, told } = setUp();
  world.socket.say(edit(7, "seven"), edit(6, "six"), edit(6, "six"));
  comeBack(world);
  assertEquals(claimed(world).changes, 7);
  assertEquals(told, ["edit seven", "edit six"]);
});

Deno.test("HubbubClient tells no change that a page has already", () => {
  const { world, told } = setUp();
  comeBack(world);
  const changed = [said(1, "ONE", { edited: 9 })];
  world.socket.welcome([], true, {}, { last: 2, change: 7, changed });
  world.socket.say(edit(6, "one more"), edit(7, "ONE"), edit(8, "uno"));
  assertEquals(told, ["history ", "changed ONE", "edit uno"]);
});

Deno.test("HubbubClient claims once more what the server could not read", () => {
  const { world, told } = setUp();
  world.socket.say(said(3, "three"));
  told.length = 0;
  comeBack(world);
  const { id } = world.socket.last("login");
  const user = { id: idOf("ann"), name: "ann", role: "guest" };
  world.socket.say({ ...presence("login", "lobby", "ann", ["ann"], id), user });
  world.socket.refuse("login", "unavailable", { retry_ms: 1_000 });
  // What comes meanwhile is told with what was missed.
  world.socket.say(said(5, "five"));
  world.advance(999);
  assertEquals(world.socket.all("join"), []);
  world.advance(1);
  assertEquals(claimed(world, "join").since, 3);
  world.socket.refuse("join", "rate_limited", { retry_ms: 1_000 });
  world.advance(3_000);
  world.socket.letIn("lobby", "ann", [said(4, "four"), said(5, "five")]);
  assertEquals(told, ["history four five", "message four late", "message five late"]);
});

Deno.test("HubbubClient.ask() applies to a page what happened after it was read", async () => {
  const { world, client } = setUp();
  const asked = client.ask({ type: "history", room: "lobby", limit: 50 });
  const { id } = world.socket.last("history");
  const thumb = { room: "lobby", from: "ann", by: idOf("ann"), seq: 2, content: "👍" };
  world.socket.say(
    edit(6, "six"),
    edit(7, "seven"),
    edit(8, "elsewhere", { room: "attic" }),
    history([said(1, "six"), said(2, "two")], { id, change: 6 }),
    // In the same frame, and so before anybody can take the page.
    { type: "react", ...thumb, on: true, count: 1, change: 8 },
  );
  const { messages } = await asked;
  assertEquals(messages.map(({ content }) => content), ["seven", "two"]);
  assertEquals(messages[1]?.reactions, { "👍": { count: 1, names: ["ann"], mine: true } });
});

Deno.test("HubbubClient applies to what was missed what it has asked for meanwhile", async () => {
  const { world, client, told } = setUp();
  const changing = client.ask({ type: "edit", room: "lobby", seq: 1, content: "mine" });
  // A gap that cannot be read: the room is entered once more.
  world.socket.say(said(4, "four"));
  const asked = world.socket.last("history");
  world.socket.say({ type: "error", code: "unavailable", content: "", id: asked.id });
  await settle();
  const { id } = world.socket.last("join");
  world.socket.say(presence("login", "lobby", "ann", ["ann"], id));
  world.socket.say(edit(7, "mine", { id: world.socket.last("edit").id }));
  const changed = [said(1, "theirs")];
  world.socket.say(history([said(3, "three"), said(4, "four")], { change: 6, changed }));
  await changing;
  assertEquals(told.slice(0, 3), ["edit mine", "history three four", "changed mine"]);
  assertEquals(client.position("lobby")?.changes, 7);
});

Deno.test("HubbubClient.ask() changes no message that may be another one than is shown", async () => {
  const { world, client } = setUp();
  for (const complete of [true, false]) {
    comeBack(world);
    const { id } = world.socket.last("login");
    const user = { id: idOf("ann"), name: "ann", role: "guest" };
    world.socket.say({ ...presence("login", "lobby", "ann", ["ann"], id), user });
    const deleted = client.ask({ type: "delete", room: "lobby", seq: 2 });
    deleted.catch(() => {});
    await settle();
    assertEquals(world.socket.all("delete"), []);
    world.socket.say(history([], { last: 2, change: 5, complete }));
    await settle();
    assertEquals(world.socket.all("delete").length, complete ? 1 : 0);
    if (!complete) assertEquals((await assertRejects(() => deleted, RefusedError)).code, "offline");
  }
});

Deno.test("HubbubClient asks what was changed in a conversation in which nothing was said", () => {
  const rooms = { rooms: [membership(BO, { last: 1 })] };
  const { world, told } = setUp();
  world.socket.say(said(1, "hi", { room: BO }));
  told.length = 0;
  comeBack(world);
  world.socket.welcome([], true, rooms, { last: 2, change: 5 });
  assertEquals(claimed(world, "join").since, 1);
  const changed = [said(1, "", { room: BO, deleted: true })];
  world.socket.letIn(BO, "ann", [], { last: 1, change: 1, changed });
  assertEquals(told, ["history ", "history ", "changed "]);
});

Deno.test("HubbubClient.join() takes positions of before there were changes", () => {
  const { world, client } = setUp();
  client.join("attic", { last: 7, epoch: "e1" });
  assertEquals(claimed(world, "join"), {
    since: 7,
    at: undefined,
    changes: 0,
    epoch: "e1",
    run: undefined,
  });
});

Deno.test("HubbubClient.position() tells nothing of a room that was not seen", () => {
  const { client } = setUp();
  client.join("attic");
  assertEquals([client.position("attic"), client.position("nowhere")], [undefined, undefined]);
});

Deno.test("HubbubClient sends again under the same id whatever became of the server's data", async () => {
  const { world, client } = setUp();
  const kept = client.say("lobby", "mine");
  const { id } = world.socket.last("user");
  comeBack(world, "e1", "r2");
  world.socket.welcome([], false);
  assertEquals(world.socket.last("user").id, id);
  world.socket.say({ ...said(3, "mine", { from: "ann", id }), repeat: true });
  assertEquals((await kept).seq, 3);
});

Deno.test("HubbubClient.ask() says what is unknown when the connection breaks", async () => {
  const { world, client } = setUp();
  const edited = client.ask({ type: "edit", room: "lobby", seq: 1, content: "x" });
  const read = client.ask({ type: "history", room: "lobby", limit: 1 });
  const putOff = client.ask({ type: "delete", room: "lobby", seq: 1 });
  world.socket.refuse("delete", "rate_limited", { retry_ms: 60_000 });
  world.socket.break();
  await settle();
  const codes = [];
  for (const asked of [edited, read, putOff]) {
    codes.push((await assertRejects(() => asked, RefusedError)).code);
  }
  assertEquals(codes, ["lost", "offline", "offline"]);
});

Deno.test("HubbubClient learns what authors are called now from what was changed", () => {
  const { world, client } = setUp();
  comeBack(world);
  const changed = [said(1, "ONE", { from: "Robert", by: idOf("bo") })];
  world.socket.welcome([], true, {}, { last: 2, change: 6, changed });
  assertEquals(client.nameOf(idOf("bo"), "bo"), "Robert");
});

Deno.test("HubbubClient.listRooms() asks for a page by name", async () => {
  const { world, client } = setUp();
  const asked = client.listRooms({ content: "te", after: "tea" });
  const { id, ...request } = world.socket.last("rooms");
  assertEquals(request, { type: "rooms", content: "te", after: "tea" });
  const rooms = [{ room: "team", user_count: 0, last: 0 }];
  world.socket.say({ type: "rooms", rooms, complete: true, id });
  assertEquals((await asked).complete, true);
});
