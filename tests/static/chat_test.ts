import type { Chat } from "../../static/chat/chat.js";
import { say } from "../../static/chat/talk.js";
import { history, presence, said } from "../sdk/fakes.ts";
import { assert, assertEquals } from "../support/assert.ts";
import { settle } from "../support/promises.ts";
import { World } from "./fakes.ts";

/** A world in which ann is in the lobby, where `last` messages were said. */
function inLobby(last = 0): { world: World; chat: Chat } {
  const world = new World();
  const chat = world.open();
  chat.login("ann", "lobby");
  world.socket.greet();
  world.socket.welcome(Array.from({ length: last }, (_, i) => said(i + 1, `m${i + 1}`)), false);
  return { world, chat };
}

/** The connection breaks, and the server greets the page again. */
function comeBack(world: World, epoch = "e1"): void {
  world.socket.break();
  world.advance(1_000);
  assertEquals(world.sockets.length, 2);
  world.socket.greet(epoch);
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

Deno.test("Chat resends with the same id after a break, and resumes with session, epoch and since", () => {
  const { world, chat } = inLobby(3);
  speak(chat, "hi");
  const { id } = world.socket.last("user");
  comeBack(world);
  const login = world.socket.last("login");
  assertEquals([login.session, login.epoch, login.since], ["session-of-e1", "e1", 3]);
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
  assertEquals(chat.conversation?.unread, { read: 2, count: 3, mentions: 1, line: 3 });
});

Deno.test("Chat shows the newest page when more was missed than a replay holds", () => {
  const { world, chat } = inLobby(2);
  comeBack(world);
  // Somebody who reads further up stays there; the newest page comes when they return.
  world.socket.welcome([said(5001, "m5001")], false);
  assertEquals(texts(chat), ["m1", "m2"]);
  assertEquals(chat.conversation?.log.live, 5001);
  assertEquals(chat.conversation?.unread.count, 4999);
});

Deno.test("Chat begins anew when the server has another epoch", () => {
  const { world, chat } = inLobby(2);
  comeBack(world, "e2");
  assertEquals(texts(chat), []);
  world.socket.welcome([said(1, "new")], false);
  assertEquals(texts(chat), ["new"]);
  assertEquals(chat.conversation?.unread.count, 0);
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

Deno.test("Chat goes on behind a gap that cannot be filled", async () => {
  const { world, chat } = inLobby(2);
  world.socket.say(said(5, "m5"));
  const { id } = world.socket.last("history");
  world.socket.say({ type: "error", code: "unavailable", content: "", id });
  await settle();
  assertEquals(chat.conversation?.log.live, 5);
  assertEquals(chat.conversation?.unread.count, 1);
});

Deno.test("Chat takes up a room whose newest page the server could not read", () => {
  const { world, chat } = inLobby();
  world.socket.say(said(500, "m500"), said(501, "m501"));
  assertEquals(texts(chat), ["m500", "m501"]);
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

Deno.test("Chat marks as failed a direct message of which nobody knows whether it arrived", () => {
  const { world, chat } = inLobby();
  chat.show("@bob", "Bob");
  speak(chat, "psst");
  assertEquals(world.socket.last("direct").to, "Bob");
  world.socket.break();
  assertEquals(chat.queue.of("@bob").map(({ state, problem }) => [state, problem]), [
    ["failed", "lost"],
  ]);
});

Deno.test("Chat keeps unsent messages and read positions over a reload", () => {
  const { world, chat } = inLobby(7);
  chat.setAttentive(true);
  world.socket.break();
  speak(chat, "later");
  const again = world.open();
  assertEquals(again.me, "ann");
  assertEquals(again.queue.of("lobby").map(({ content }) => content), ["later"]);
  again.login("ann", "lobby");
  world.socket.greet();
  const { since, epoch } = world.socket.last("login");
  assertEquals([since, epoch], [7, "e1"]);
  world.socket.welcome();
  assertEquals(world.socket.last("user").content, "later");
});

Deno.test("Chat keeps what is said after the server has closed it for good", () => {
  const { world, chat } = inLobby();
  world.socket.break(4503);
  speak(chat, "later");
  chat.connection.start();
  world.socket.greet();
  world.socket.welcome();
  assertEquals(world.socket.last("user").content, "later");
});

Deno.test("Chat enters the room that is shown first", () => {
  const { world, chat } = inLobby();
  chat.show("tea");
  world.socket.letIn("tea");
  comeBack(world);
  assertEquals(world.socket.last("login").room, "tea");
  chat.leave("tea");
  assertEquals(chat.current, "lobby");
});

Deno.test("Chat tells why a room cannot be entered", async () => {
  const { world, chat } = inLobby();
  chat.show("vault");
  const { id } = world.socket.last("join");
  world.socket.say({ type: "error", code: "forbidden", content: "", id });
  await settle();
  assertEquals(world.events, [{ type: "problem", code: "forbidden" }]);
});

Deno.test("Chat stays out when its name is taken, until another one is given", () => {
  const world = new World();
  const chat = world.open();
  chat.login("ann", "lobby");
  world.socket.greet();
  const { id = "" } = world.socket.last("login");
  world.socket.say({ type: "error", code: "name_taken", content: "", id });
  assertEquals(chat.loginProblem, "name_taken");
  assert(!chat.online);
  chat.login("anna", "lobby");
  assertEquals(world.socket.last("login").content, "anna");
});

Deno.test("Chat shows a direct message once, though it is resent with the same id", () => {
  const { world, chat } = inLobby();
  const direct = { type: "direct", from: "Bob", to: "ann", content: "psst", time: 1, id: "x" };
  world.socket.say(direct, direct, { ...direct, id: "y" });
  chat.show("@bob");
  assertEquals(texts(chat), ["psst", "psst"]);
  assertEquals(chat.conversation?.unread.mentions, 2);
  assertEquals(chat.conversation?.name, "Bob");
});

Deno.test("Chat follows people to their new names", () => {
  const { world, chat } = inLobby();
  world.socket.say({ type: "direct", from: "bob", to: "ann", content: "psst", time: 1 });
  chat.show("@bob");
  const rename = { type: "rename", room: "lobby", user_count: 2 };
  world.socket.say({ ...rename, from: "bob", content: "Robert" });
  assertEquals(chat.current, "@robert");
  assertEquals(chat.conversation?.name, "Robert");
  world.socket.say({ ...rename, from: "ann", content: "Anna" });
  assertEquals(chat.me, "Anna");
  assertEquals(chat.memory.identity.name, "Anna");
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
