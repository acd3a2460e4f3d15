import { assert, assertEquals } from "../support/assert.ts";
import type { Chat } from "../../static/chat/chat.js";
import { PATIENCE, QUIET } from "../../static/chat/connection.js";
import { say } from "../../static/chat/talk.js";
import { handshake, presence, said, World } from "./fakes.ts";

/** A world in which ann is in the lobby, where `last` messages were said. */
function inLobby(last = 0): { world: World; chat: Chat } {
  const world = new World();
  const chat = world.open();
  chat.login("ann", "lobby");
  world.welcome();
  const { id } = world.socket.last("history");
  world.socket.say({
    type: "history",
    room: "lobby",
    messages: Array.from({ length: last }, (_, i) => ({
      type: "user" as const,
      room: "lobby",
      from: "bob",
      content: `m${i + 1}`,
      seq: i + 1,
      time: i,
    })),
    first: last === 0 ? 0 : 1,
    last,
    complete: true,
    ...(id === undefined ? {} : { id }),
  });
  return { world, chat };
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

/** Lets promises settle. */
function settled(): Promise<void> {
  return new Promise((done) => setTimeout(done));
}

Deno.test("Chat confirms a message by the echo of its id", async () => {
  const { world, chat } = inLobby();
  await settled();
  speak(chat, "hi");
  const { id } = world.socket.last("user");
  assertEquals(chat.outbox.of("lobby").length, 1);
  world.socket.say(said(1, "ann", "hi", id));
  assertEquals(chat.outbox.of("lobby"), []);
  assertEquals(texts(chat), ["hi"]);
});

Deno.test("Chat resends with the same id after a break, and resumes with session, epoch and since", async () => {
  const { world, chat } = inLobby(3);
  await settled();
  speak(chat, "hi");
  const { id } = world.socket.last("user");
  world.socket.break();
  world.advance(1_000);
  assertEquals(world.sockets.length, 2);
  world.welcome();
  const login = world.socket.last("login");
  assertEquals([login.session, login.epoch, login.since], ["s1", "e1", 3]);
  assertEquals(world.socket.last("user").id, id);
  // The server had it already: it comes back as history and as the answer to the resend.
  world.socket.say(said(4, "ann", "hi", id), said(4, "ann", "hi", id));
  assertEquals(texts(chat), ["m1", "m2", "m3", "hi"]);
  assertEquals(chat.outbox.of("lobby"), []);
});

Deno.test("Chat takes over a replay without doubles and counts what was missed", async () => {
  const { world, chat } = inLobby(2);
  await settled();
  world.socket.break();
  world.advance(1_000);
  world.socket.say(handshake("e1", "s2"));
  const { id } = world.socket.last("login");
  world.socket.say(presence("login", "lobby", "ann", ["ann"], id));
  world.socket.say({
    type: "history",
    room: "lobby",
    messages: [3, 4].map((seq) => ({
      type: "user" as const,
      room: "lobby",
      from: "bob",
      content: seq === 4 ? "@ann hey" : "m3",
      seq,
      time: seq,
    })),
    first: 3,
    last: 4,
    complete: true,
  });
  world.socket.say(said(5, "bob", "m5"));
  assertEquals(texts(chat), ["m1", "m2", "m3", "@ann hey", "m5"]);
  assertEquals(chat.conversation?.unread, { read: 2, count: 3, mentions: 1, line: 3 });
});

Deno.test("Chat begins anew when the server has another epoch", async () => {
  const { world, chat } = inLobby(2);
  await settled();
  world.socket.break();
  world.advance(1_000);
  world.welcome("e2");
  const login = world.socket.last("login");
  assertEquals(login.since, undefined);
  assertEquals(texts(chat), []);
});

Deno.test("Chat asks for what lies in a gap", async () => {
  const { world, chat } = inLobby(2);
  await settled();
  world.socket.say(said(5, "bob", "m5"));
  const asked = world.socket.last("history");
  assertEquals(asked.after, 2);
  const messages = [3, 4, 5].map((seq) => ({
    type: "user" as const,
    room: "lobby",
    from: "bob",
    content: `m${seq}`,
    seq,
    time: seq,
  }));
  const id = asked.id ?? "";
  world.socket.say({
    type: "history",
    room: "lobby",
    messages,
    first: 3,
    last: 5,
    complete: true,
    id,
  });
  await settled();
  assertEquals(texts(chat), ["m1", "m2", "m3", "m4", "m5"]);
});

Deno.test("Chat sends what the rate limit refused when the server says so", async () => {
  const { world, chat } = inLobby();
  await settled();
  speak(chat, "one");
  speak(chat, "two");
  const { id = "" } = world.socket.last("user");
  world.socket.say({ type: "error", code: "rate_limited", content: "", id, retry_ms: 700 });
  const count = () => world.socket.sent.filter(({ type }) => type === "user").length;
  assertEquals(count(), 1);
  world.advance(699);
  assertEquals(count(), 1);
  world.advance(1);
  assertEquals(world.socket.last("user").id, id);
  world.socket.say(said(1, "ann", "one", id));
  assertEquals(world.socket.last("user").content, "two");
});

Deno.test("Chat marks as failed what the server refuses", async () => {
  const { world, chat } = inLobby();
  await settled();
  speak(chat, "one");
  const { id = "" } = world.socket.last("user");
  world.socket.say({ type: "error", code: "too_long", content: "", id });
  assertEquals(chat.outbox.of("lobby").map(({ state, problem }) => [state, problem]), [
    ["failed", "too_long"],
  ]);
});

Deno.test("Chat keeps unsent messages and read positions over a reload", async () => {
  const { world, chat } = inLobby(7);
  await settled();
  chat.setAttentive(true);
  world.socket.break();
  speak(chat, "later");
  const again = world.open();
  assertEquals(again.me, "ann");
  assertEquals(again.outbox.of("lobby").map(({ content }) => content), ["later"]);
  again.login("ann", "lobby");
  world.socket.say(handshake("e1", "s9"));
  assertEquals(world.socket.last("login").since, 7);
});

Deno.test("Chat stays out when its name is taken, until another one is given", () => {
  const world = new World();
  const chat = world.open();
  chat.login("ann", "lobby");
  world.socket.say(handshake("e1", "s1"));
  const { id = "" } = world.socket.last("login");
  world.socket.say({ type: "error", code: "name_taken", content: "", id });
  assertEquals(chat.loginProblem, "name_taken");
  assert(!chat.online);
  chat.login("anna", "lobby");
  assertEquals(world.socket.last("login").content, "anna");
});

Deno.test("Connection asks a silent line whether it lives, and gives it up", () => {
  const { world } = inLobby();
  world.advance(QUIET);
  assertEquals(world.socket.last("ping").type, "ping");
  world.socket.say({ type: "pong", time: 0 });
  world.advance(PATIENCE);
  assertEquals(world.sockets.length, 1);
  world.advance(QUIET + 1_000);
  assertEquals(world.sockets.length, 2);
  assert(world.sockets[0]?.closedByPage);
});

Deno.test("Connection does not come back after a close that says so, but on request", () => {
  const { world, chat } = inLobby();
  world.socket.break(4503);
  world.advance(120_000);
  assertEquals(world.sockets.length, 1);
  chat.connection.start();
  assertEquals(world.sockets.length, 2);
});

Deno.test("Connection.nudge() tries at once instead of waiting", () => {
  const { world, chat } = inLobby();
  world.socket.break();
  assertEquals(world.sockets.length, 1);
  chat.connection.nudge();
  assertEquals(world.sockets.length, 2);
});

Deno.test("Chat shows a direct message once, though it is resent with the same id", async () => {
  const { world, chat } = inLobby();
  await settled();
  const direct = {
    type: "direct" as const,
    from: "Bob",
    to: "ann",
    content: "psst",
    time: 1,
    id: "x",
  };
  world.socket.say(direct, direct, { ...direct, id: "y" });
  chat.show("@bob");
  assertEquals(texts(chat), ["psst", "psst"]);
  assertEquals(chat.conversation?.unread.mentions, 2);
  assertEquals(chat.conversation?.name, "Bob");
});

Deno.test("Chat follows people to their new names", async () => {
  const { world, chat } = inLobby();
  await settled();
  world.socket.say({ type: "direct", from: "bob", to: "ann", content: "psst", time: 1 });
  chat.show("@bob");
  const rename = { type: "rename" as const, room: "lobby", user_count: 2 };
  world.socket.say({ ...rename, from: "bob", content: "Robert" });
  assertEquals(chat.current, "@robert");
  assertEquals(chat.conversation?.name, "Robert");
  world.socket.say({ ...rename, from: "ann", content: "Anna" });
  assertEquals(chat.me, "Anna");
});

Deno.test("Memory trusts nothing that it reads", () => {
  const world = new World();
  for (const key of ["identity", "settings", "conversations", "outbox", "drafts"]) {
    for (
      const broken of ["{", "null", "7", `"x"`, "[[]]", `{"open":[{"key":"../x"},7],"theme":1}`]
    ) {
      world.stored.set(`hubbub.${key}`, broken);
      const chat = world.open();
      assertEquals([...chat.conversations.keys()], []);
      assertEquals(chat.memory.outbox, []);
      assertEquals(chat.memory.settings.theme, "system");
      assertEquals(chat.memory.draft("lobby"), "");
    }
  }
});
