import type { Chat } from "../../static/chat/chat.js";
import { say } from "../../static/chat/talk.js";
import { createRoom, leave } from "../../static/chat/rooms.js";
import { history, idOf, membership, presence, said } from "../sdk/fakes.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { settle } from "../support/promises.ts";
import { ANN, World } from "./fakes.ts";

/** A world in which ann is in the lobby, where `last` messages were said. */
function inLobby(last = 0): { world: World; chat: Chat } {
  const world = new World();
  const chat = world.open();
  chat.open("lobby");
  world.socket.greet("e1", {}, ANN);
  world.socket.welcome(Array.from({ length: last }, (_, i) => said(i + 1, `m${i + 1}`)), false);
  return { world, chat };
}

/** What is unread in the conversation that is shown. */
function unread(chat: Chat): unknown {
  assert(chat.conversation);
  return chat.unread(chat.conversation);
}

/** The connection breaks, and the server greets the page again. */
function comeBack(world: World, epoch = "e1"): void {
  world.socket.break();
  world.advance(1_000);
  assertEquals(world.sockets.length, 2);
  world.socket.greet(epoch, {}, ANN);
}

function speak(chat: Chat, text: string): void {
  assert(chat.conversation);
  say(chat, chat.conversation, text);
}

function texts(chat: Chat): string[] {
  return chat.conversation?.log.entries.flatMap((entry) =>
    entry.kind === "message" ? [entry.message.content] : []
  ) ?? [];
}

Deno.test("Chat confirms a message by the echo of its id", () => {
  const { world, chat } = inLobby();
  speak(chat, "hi");
  const { id } = world.socket.last("user");
  assertEquals(chat.queue.of("lobby").length, 1);
  world.socket.say(said(1, "hi", { from: "ann", id }));
  assertEquals(chat.queue.of("lobby"), []);
  assertEquals(texts(chat), ["hi"]);
});

Deno.test("Chat resends with the same id after a break, and resumes with epoch and since", () => {
  const { world, chat } = inLobby(3);
  speak(chat, "hi");
  const { id } = world.socket.last("user");
  comeBack(world);
  const login = world.socket.last("login");
  assertEquals([login.session, login.epoch, login.since], [undefined, "e1", 3]);
  world.socket.say(presence("login", "lobby", "ann", ["ann"], login.id));
  assertEquals(world.socket.last("user").id, id);
  // The server had it already: it comes back as history and as the answer to the resend.
  const kept = said(4, "hi", { from: "ann", id });
  world.socket.say(history([kept]), kept);
  assertEquals(texts(chat), ["m1", "m2", "m3", "hi"]);
  assertEquals(chat.queue.of("lobby"), []);
});

Deno.test("Chat takes over a replay without doubles and counts what was missed", () => {
  const { world, chat } = inLobby(2);
  comeBack(world);
  world.socket.welcome([said(3, "m3"), said(4, "@ann hey")]);
  world.socket.say(said(5, "m5"));
  assertEquals(texts(chat), ["m1", "m2", "m3", "@ann hey", "m5"]);
  assertEquals(unread(chat), { read: 2, count: 3, mentions: 1, line: 3 });
});

Deno.test("Chat shows the newest page alone when more was missed than a replay holds", () => {
  const { world, chat } = inLobby(2);
  comeBack(world);
  world.socket.welcome([said(5001, "m5001")], false);
  assertEquals(texts(chat), ["m5001"]);
  assertEquals(chat.conversation?.log.live, 5001);
});

Deno.test("Chat begins anew when the server has another epoch", () => {
  const { world, chat } = inLobby(2);
  comeBack(world, "e2");
  world.socket.welcome([said(1, "new")], false);
  assertEquals(texts(chat), ["new"]);
});

Deno.test("Chat asks for what lies in a gap", async () => {
  const { world, chat } = inLobby(2);
  world.socket.say(said(5, "m5"));
  const { after, id } = world.socket.last("history");
  assertEquals(after, 2);
  world.socket.say(history([3, 4, 5].map((seq) => said(seq, `m${seq}`)), { id }));
  await settle();
  assertEquals(texts(chat), ["m1", "m2", "m3", "m4", "m5"]);
});

Deno.test("Chat starts over where a gap cannot be filled", async () => {
  const { world, chat } = inLobby(2);
  world.socket.say(said(5, "m5"));
  const { id } = world.socket.last("history");
  world.socket.say({ type: "error", code: "unavailable", content: "", id });
  await settle();
  const { room, since } = world.socket.last("join");
  assertEquals([room, since], ["lobby", 2]);
  world.socket.letIn("lobby", "ann", [said(4, "m4"), said(5, "m5")], { complete: false });
  assertEquals(texts(chat), ["m4", "m5"]);
});

Deno.test("Chat sends what the rate limit refused when the server says so", () => {
  const { world, chat } = inLobby();
  speak(chat, "one");
  speak(chat, "two");
  const { id = "" } = world.socket.last("user");
  world.socket.say({ type: "error", code: "rate_limited", content: "", id, retry_ms: 700 });
  const count = () => world.socket.all("user").length;
  assertEquals(count(), 1);
  world.advance(699);
  assertEquals(count(), 1);
  world.advance(1);
  assertEquals(world.socket.last("user").id, id);
  world.socket.say(said(1, "one", { from: "ann", id }));
  assertEquals(world.socket.last("user").content, "two");
  assertEquals(world.events.filter(({ type }) => type === "problem"), []);
});

Deno.test("Chat marks as failed what the server refuses", () => {
  const { world, chat } = inLobby();
  speak(chat, "one");
  const { id = "" } = world.socket.last("user");
  world.socket.say({ type: "error", code: "too_long", content: "", id });
  assertEquals(chat.queue.of("lobby").map(({ state, problem }) => [state, problem]), [
    ["failed", "too_long"],
  ]);
});

Deno.test("Chat keeps unsent messages over a reload", () => {
  const { world } = inLobby(7);
  world.socket.break();
  const chat = world.open();
  chat.show("lobby");
  speak(chat, "later");
  const again = world.open();
  assertEquals(again.me, "ann");
  assertEquals(again.queue.of("lobby").map(({ content }) => content), ["later"]);
  again.open("lobby");
  world.socket.greet("e1", {}, ANN);
  world.socket.welcome();
  assertEquals(world.socket.last("user").content, "later");
});

Deno.test("Chat keeps what is said after the server has closed it for good", () => {
  const { world, chat } = inLobby();
  world.socket.break(4500);
  speak(chat, "later");
  chat.connection.start();
  world.socket.greet("e1", {}, ANN);
  world.socket.welcome();
  assertEquals(world.socket.last("user").content, "later");
});

Deno.test("Chat has the conversations that the server tells of, with what is unread there", () => {
  const world = new World();
  const before = world.open();
  before.show("gone");
  const chat = world.open();
  assertEquals([...chat.conversations.keys()], ["gone"]);
  chat.open("lobby");
  world.socket.greet("e1", {}, ANN);
  const bo = { id: "bo-id", name: "Bo", role: "guest", online: true };
  const rooms = [
    membership("lobby", { unread: 0, mentions: 0 }),
    membership("board", { private: true, topic: "Tea", role: "owner" }),
    membership("@bo-id", { user: bo, unread: 3, mentions: 0 }),
  ];
  world.socket.welcome([], true, { rooms });
  assertEquals([...chat.conversations.keys()].sort(), ["@bo-id", "board", "lobby"]);
  const board = chat.conversations.get("board");
  assertEquals([board?.isPrivate, board?.topic, board?.role], [true, "Tea", "owner"]);
  const direct = chat.conversations.get("@bo-id");
  assertEquals([direct?.name, direct?.online], ["Bo", true]);
  assert(board && direct);
  assertEquals(chat.unread(board).count, 2);
  // What is said to me alone is meant for me.
  assertEquals(chat.unread(direct).mentions, 3);
});

Deno.test("Chat.setAttentive() tells the server how far the reader is, and follows other devices", () => {
  const world = new World();
  const chat = world.open();
  chat.open("lobby");
  world.socket.greet("e1", {}, ANN);
  const rooms = [membership("lobby", { last: 2, read: 0 })];
  world.socket.welcome([said(1, "m1"), said(2, "m2")], true, { rooms });
  assertEquals(unread(chat), { read: 0, count: 2, mentions: 1, line: 1 });
  world.socket.say({ type: "read", room: "lobby", seq: 1 });
  assertEquals(unread(chat), { read: 1, count: 1, mentions: 1, line: 1 });
  chat.setAttentive(true);
  assertEquals(world.socket.last("read").seq, 2);
  // The line stays until the reader turns away.
  assertEquals(unread(chat), { read: 2, count: 0, mentions: 0, line: 1 });
  world.socket.say(said(3, "m3"));
  assertEquals(unread(chat), { read: 3, count: 0, mentions: 0, line: 1 });
  const { conversation } = chat;
  chat.show("tea");
  assert(conversation);
  assertEquals(chat.unread(conversation).line, 0);
});

Deno.test("Chat enters a room that the user has entered on another device, and leaves it with that", () => {
  const world = new World();
  const chat = world.open();
  chat.open("lobby");
  world.socket.greet("e1", {}, ANN);
  world.socket.welcome([], true, { rooms: [membership("lobby")] });
  const own = { from: "ann", by: ANN.id };
  world.socket.say({ type: "invite", room: "tea", ...own, user: ANN });
  assertEquals(world.socket.last("join").room, "tea");
  world.socket.letIn("tea");
  assertEquals([...chat.conversations.keys()], ["lobby", "tea"]);
  assertEquals(world.events, []);
  world.socket.say(presence("logout", "tea", "ann", []));
  assertEquals([...chat.conversations.keys()], ["lobby"]);
  comeBack(world);
  world.socket.welcome([], true, { rooms: [membership("lobby")] });
  assertEquals(world.socket.all("join"), []);
});

Deno.test("Chat tells that somebody has invited or removed the user", () => {
  const { world, chat } = inLobby();
  const bo = { from: "bo", by: idOf("bo") };
  world.socket.say({ type: "invite", room: "board", ...bo, user: ANN });
  world.socket.letIn("board");
  chat.show("board");
  world.socket.say({ type: "remove", room: "board", ...bo, user: ANN });
  assertEquals(world.events, [
    { type: "invited", by: "bo", room: "board" },
    { type: "removed", by: "bo", room: "board" },
  ]);
  assertEquals([...chat.conversations.keys()], ["lobby"]);
  assertEquals(chat.current, "lobby");
});

Deno.test("createRoom() makes a room, or tells why not", async () => {
  const { world, chat } = inLobby();
  const wish = { room: "board", private: true, topic: "Tea" };
  const refused = createRoom(chat, wish);
  world.socket.refuse("create", "conflict");
  assertEquals(await refused, "room_exists");
  assertEquals(chat.current, "lobby");
  const made = createRoom(chat, wish);
  const { type, id, ...sent } = world.socket.last("create");
  assertEquals(sent, wish);
  world.socket.say({ type, id, ...wish, from: "ann", by: ANN.id });
  assertEquals(await made, "");
  assertEquals([chat.current, chat.conversation?.role, chat.conversation?.isPrivate], [
    "board",
    "owner",
    true,
  ]);
});

Deno.test("leave() keeps the room that the server does not let its last owner leave", async () => {
  const { world, chat } = inLobby();
  const leaving = leave(chat, "lobby");
  world.socket.refuse("leave", "conflict");
  await leaving;
  assertEquals(world.events, [{ type: "problem", code: "last_owner" }]);
  assertEquals([...chat.conversations.keys()], ["lobby"]);
});

Deno.test("Chat enters the room that is shown first", () => {
  const { world, chat } = inLobby();
  chat.show("tea");
  world.socket.letIn("tea");
  comeBack(world);
  assertEquals(world.socket.last("login").room, "tea");
  world.socket.welcome();
  void leave(chat, "tea");
  const { id } = world.socket.last("leave");
  world.socket.say(presence("logout", "tea", "ann", [], id));
  assertEquals(chat.current, "lobby");
});

Deno.test("Chat tells why a room cannot be entered, and shows another one", async () => {
  const { world, chat } = inLobby();
  chat.show("vault");
  const { id } = world.socket.last("join");
  world.socket.say({ type: "error", code: "forbidden", content: "", id });
  await settle();
  assertEquals(world.events, [{ type: "problem", code: "room_closed" }]);
  assertEquals([chat.current, ...chat.conversations.keys()], ["lobby", "lobby"]);
});

Deno.test("Chat shows what somebody writes to the user alone, and that they are here", () => {
  const { world, chat } = inLobby();
  const direct = { room: "@id-of-Bob", from: "Bob" };
  world.socket.say(said(1, "psst", direct), said(1, "psst", direct), said(2, "hey", direct));
  const conversation = chat.conversations.get("@id-of-Bob");
  assertEquals([conversation?.name, conversation?.online], ["Bob", true]);
  chat.show("@id-of-Bob");
  world.socket.letIn("@id-of-Bob", "ann", [
    said(1, "psst", direct),
    said(2, "hey", direct),
  ]);
  assertEquals(texts(chat), ["psst", "hey"]);
  speak(chat, "yes?");
  const { room, content } = world.socket.last("user");
  assertEquals([room, content], ["@id-of-Bob", "yes?"]);
});

Deno.test("Chat.goTo() opens the conversation with a person of whom only the name is known", async () => {
  const { world, chat } = inLobby();
  chat.goTo("@Bob");
  const { room, id } = world.socket.last("join");
  assertEquals(room, "@Bob");
  world.socket.say(
    presence("login", "@id-of-Bob", "ann", ["ann", "Bob"], id),
    history([], { room: "@id-of-Bob" }),
  );
  await settle();
  assertEquals([chat.current, chat.conversation?.name], ["@id-of-Bob", "Bob"]);
  chat.goTo("@nobody");
  world.socket.refuse("join", "no_such_user");
  await settle();
  assertEquals(world.events, [{ type: "problem", code: "no_such_user" }]);
  assertEquals(chat.current, "@id-of-Bob");
});

Deno.test("Chat follows people to their new names, by their id", () => {
  const { world, chat } = inLobby();
  world.socket.say(
    said(1, "psst", { room: "@id-of-bob", from: "bob" }),
    said(1, "hello", {
      from: "bob",
      reactions: { "👍": { count: 2, names: ["bob", "ann"], mine: true } },
    }),
  );
  const rename = { type: "rename", room: "lobby", user_count: 2 };
  world.socket.say({ ...rename, by: idOf("bob"), from: "bob", content: "Robert" });
  assertEquals(chat.conversations.get("@id-of-bob")?.name, "Robert");
  const message = chat.conversation?.log.find(1);
  assert(message);
  assertEquals(chat.nameOf(message), "Robert");
  assertEquals(message.reactions, {
    "👍": { count: 2, names: ["Robert", "ann"], mine: true },
  });
  world.socket.say({ ...rename, by: ANN.id, from: "ann", content: "Anna" });
  assertEquals(chat.me, "Anna");
});

Deno.test("Chat knows who is in the room, by id, and who has gone", async () => {
  const { world, chat } = inLobby();
  const { id, all } = world.socket.last("users");
  assertEquals(all, true);
  const bob = { id: idOf("bob"), name: "bob", role: "guest", online: true, room_role: "member" };
  const users = { type: "users", room: "lobby", user_count: 2, user_list: ["ann", "bob"] };
  world.socket.say({ ...users, users: [{ ...ANN, online: true }, bob], id });
  await settle();
  world.socket.say(presence("logout", "lobby", "bob", ["ann"]));
  assertEquals(chat.conversation?.members?.get(bob.id)?.online, false);
  assertEquals(chat.conversation?.memberCount, 1);
  // Whether somebody who has gone is a member, the server is asked once things have settled.
  world.advance(1_000);
  assertEquals(world.socket.all("users").length, 2);
});

Deno.test("Memory trusts nothing that it reads", () => {
  const world = new World();
  for (const key of ["identity", "settings", "conversations", "unsent", "drafts"]) {
    for (
      const broken of ["{", "null", "7", `"x"`, "[[]]", `{"open":[{"key":"../x"},7],"theme":1}`]
    ) {
      world.stored.set(`hubbub.${key}`, broken);
      const chat = world.open();
      assertEquals([...chat.conversations.keys()], []);
      assertEquals(chat.memory.unsent, []);
      assertEquals(chat.memory.settings.theme, "system");
      assertEquals(chat.memory.draft("lobby"), "");
    }
  }
});
