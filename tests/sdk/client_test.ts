import { connect, RefusedError } from "../../sdk/hubbub.js";
import type { HubbubClient } from "../../sdk/hubbub.js";
import type { ClientOptions } from "../../sdk/types.js";
import { LINES } from "../../protocol/wire.js";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/assert.ts";
import { settle } from "../support/promises.ts";
import { FakeWorld, history, presence, said } from "./fakes.ts";

/** A client that was started, with everything that it tells. */
function setUp(options: Partial<ClientOptions> = {}) {
  const world = new FakeWorld();
  const client = world.client(options);
  const phases: string[] = [];
  const shown: string[] = [];
  client.on("status", ({ phase }) => phases.push(phase));
  client.on("history", ({ messages }) => shown.push(...messages.map(({ content }) => content)));
  client.on("user", ({ content }) => shown.push(content));
  client.start();
  return { world, client, phases, shown };
}

/** A client that is online in the lobby, whose last message, no longer there, was this one. */
function setUpOnline(options: Partial<ClientOptions> = {}, last = 0) {
  const all = setUp(options);
  all.world.socket.greet();
  all.world.socket.welcome([], true, {}, { last });
  return all;
}

/** Breaks the connection and lets the client come back to where the server has greeted it. */
function comeBack(world: FakeWorld, epoch = "e1"): void {
  world.socket.break();
  world.advance(500);
  world.socket.greet(epoch);
}

function contents(client: HubbubClient): string[] {
  const heard: string[] = [];
  client.on(
    "message",
    ({ content }, { missed }) => heard.push(missed ? `${content} late` : content),
  );
  return heard;
}

Deno.test("HubbubClient logs in after the handshake and is online after the login", () => {
  const { world, client, phases } = setUp();
  assertEquals(world.socket.url, "ws://test/ws");
  assertEquals(world.socket.protocols, [LINES]);
  world.socket.greet();
  const { content, room, session } = world.socket.last("login");
  assertEquals({ content, room, session }, { content: "ann", room: "lobby", session: undefined });
  assert(!client.isOnline);
  world.socket.welcome();
  assert(client.isOnline);
  assertEquals(phases, ["connecting", "open", "online"]);
});

Deno.test("HubbubClient offers its token or session as a subprotocol entry, and nowhere else", () => {
  for (const options of [{ token: "abc" }, { session: "abc" }, { token: "abc", session: "old" }]) {
    const { world } = setUp(options);
    world.socket.greet();
    assertEquals(world.socket.protocols, [LINES, "bearer.abc"]);
    const { token, session } = world.socket.last("login");
    assertEquals({ token, session }, { token: undefined, session: undefined });
  }
  assertEquals(setUp({ session: "" }).world.socket.protocols, [LINES]);
});

Deno.test("connect() refuses a token and an address that cannot work", () => {
  for (const token of ["a b", "a,b", "a/b", "a=", "é", ""]) {
    const error = assertThrows(
      () => connect("http://test", { name: "ann", token }),
      TypeError,
      "Cannot offer session or token",
    );
    assert(token === "" || !error.message.includes(`"${token}"`));
  }
  for (const address of ["ftp://test", "nowhere"]) {
    assertThrows(() => connect(address, { name: "ann" }), TypeError);
  }
});

Deno.test("HubbubClient finds the chat of a page, and takes the address of a chat as it is", () => {
  const world = new FakeWorld();
  for (
    const [address, url] of [
      ["http://h:1", "ws://h:1/ws"],
      ["https://h/chat/", "wss://h/chat/ws"],
      ["https://h/chat/#room", "wss://h/chat/ws"],
      ["http://h/ws", "ws://h/ws"],
      ["wss://h", "wss://h/ws"],
      ["ws://h/other", "ws://h/other"],
    ] as const
  ) {
    connect(address, { name: "ann", environment: world.environment });
    assertEquals(world.socket.url, url);
  }
});

Deno.test("HubbubClient claims the newest page on its first visit, and what it missed on the next", () => {
  const { world, client, shown } = setUp();
  const heard = contents(client);
  world.socket.greet("e1");
  assertEquals(world.socket.last("login").epoch, "none");
  world.socket.welcome([said(4, "four")], false);
  world.socket.say(said(5, "five"));
  comeBack(world);
  const { since, epoch, session } = world.socket.last("login");
  assertEquals({ since, epoch, session }, { since: 5, epoch: "e1", session: "session-of-e1" });
  world.socket.welcome([said(6, "six")]);
  assertEquals(shown, ["four", "five", "six"]);
  assertEquals(heard, ["five", "six late"]);
});

Deno.test("HubbubClient claims a quiet room from its beginning when it returns", () => {
  const { world } = setUp();
  world.socket.greet();
  world.socket.welcome([], false);
  comeBack(world);
  const { since, epoch } = world.socket.last("login");
  assertEquals({ since, epoch }, { since: 0, epoch: "e1" });
});

Deno.test("HubbubClient resumes where an earlier run was, under its session", () => {
  const { world, client } = setUp({ rooms: [], session: "old", epoch: "e1" });
  client.join("lobby", { last: 7, epoch: "e1" });
  const heard = contents(client);
  world.socket.greet();
  assertEquals(world.socket.protocols, [LINES, "bearer.old"]);
  const { since, epoch } = world.socket.last("login");
  assertEquals({ since, epoch }, { since: 7, epoch: "e1" });
  world.socket.welcome([said(8, "eight")]);
  assertEquals(heard, ["eight late"]);
});

Deno.test("HubbubClient shows everything of a server with another epoch", () => {
  const { world, client, shown } = setUp();
  const resets: string[] = [];
  client.on("reset", (epoch) => resets.push(epoch));
  world.socket.greet("e1");
  world.socket.welcome([said(7, "old")], false);
  comeBack(world, "e2");
  world.socket.welcome([said(1, "new")], false);
  world.socket.say(said(2, "newer"));
  assertEquals(shown, ["old", "new", "newer"]);
  assertEquals(resets, ["e2"]);
});

Deno.test("HubbubClient reads what lies in a gap before it shows what came behind it", async () => {
  const { world, shown } = setUpOnline({}, 1);
  world.socket.say(said(2, "two"));
  world.socket.say(said(5, "five"), { type: "edit", room: "lobby", seq: 5, from: "bo" });
  world.socket.say(said(6, "six"));
  const asked = world.socket.last("history");
  assertEquals(asked.after, 2);
  assertEquals(shown, ["two"]);
  const { id } = asked;
  world.socket.say(history([said(3, "three"), said(4, "four"), said(5, "five")], { id }));
  await settle();
  assertEquals(shown, ["two", "three", "four", "five", "six"]);
});

Deno.test("HubbubClient enters a room once more if it cannot read what lies in a gap", async () => {
  const { world, client, shown } = setUpOnline({}, 1);
  const restarts: string[] = [];
  client.on("restart", ({ room }) => restarts.push(room));
  world.socket.say(said(2, "two"));
  world.socket.say(said(9, "nine"));
  // What came before 8 was removed.
  world.socket.say(history([said(8, "eight")], { id: world.socket.last("history").id }));
  await settle();
  const { since, changes } = world.socket.last("join");
  assertEquals({ since, changes }, { since: 2, changes: 0 });
  world.socket.say(said(10, "ten"));
  world.socket.letIn("lobby", "ann", [said(8, "eight"), said(9, "nine"), said(10, "ten")], {
    complete: false,
  });
  assertEquals(shown, ["two", "eight", "nine", "ten"]);
  assertEquals(restarts, ["lobby"]);
  world.socket.say(said(12, "twelve"));
  const { id } = world.socket.last("history");
  world.socket.say({ type: "error", code: "unavailable", content: "", id });
  await settle();
  assertEquals(world.socket.last("join").since, 10);
  world.socket.letIn("lobby", "ann", [said(11, "eleven"), said(12, "twelve")]);
  assertEquals(shown.slice(4), ["eleven", "twelve"]);
});

Deno.test("HubbubClient resumes before a gap that it had no time to fill", () => {
  const { world, shown } = setUpOnline({}, 1);
  world.socket.say(said(2, "two"));
  world.socket.say(said(4, "four"));
  comeBack(world);
  assertEquals(world.socket.last("login").since, 2);
  world.socket.welcome([said(3, "three"), said(4, "four")]);
  assertEquals(shown, ["two", "three", "four"]);
});

Deno.test("HubbubClient reads the first message of a room, too, if it did not come", async () => {
  const { world, shown } = setUpOnline();
  world.socket.say(said(2, "two"));
  const { after, id } = world.socket.last("history");
  assertEquals([after, shown], [0, []]);
  world.socket.say(history([said(1, "one"), said(2, "two")], { id }));
  await settle();
  assertEquals(shown, ["one", "two"]);
});

Deno.test("HubbubClient enters its further rooms again after a break", () => {
  const { world, client } = setUpOnline();
  client.join("kitchen");
  world.socket.letIn("kitchen", "ann", [], { last: 2 });
  client.join("attic");
  world.socket.letIn("attic");
  world.socket.say(said(3, "soup", { room: "kitchen" }));
  client.leave("attic");
  assertEquals(world.socket.last("leave").room, "attic");
  comeBack(world);
  world.socket.welcome();
  const joins = world.socket.all("join");
  assertEquals(joins.map(({ room, since }) => [room, since]), [["kitchen", 3]]);
  assertEquals(client.rooms, ["lobby", "kitchen"]);
});

Deno.test("HubbubClient.prefer() has a room entered with the login", () => {
  const { world, client } = setUp({ rooms: ["a", "b"] });
  client.prefer("b");
  world.socket.greet();
  assertEquals(world.socket.last("login").room, "b");
});

Deno.test("HubbubClient enters many rooms no faster than the server's rate", () => {
  const rooms = Array.from({ length: 5 }, (_, i) => `r${i}`);
  const { world } = setUp({ rooms });
  world.socket.greet("e1", { rate: 10, burst: 4 });
  world.socket.welcome();
  const count = () => world.socket.all("join").length;
  assertEquals(count(), 1);
  world.advance(100);
  assertEquals(count(), 2);
  world.advance(200);
  assertEquals(count(), 4);
});

Deno.test("HubbubClient.join() resolves once let in, and rejects when refused or left", async () => {
  const { world, client } = setUpOnline();
  const joined = client.join("kitchen");
  assertEquals(client.join("kitchen"), joined);
  world.socket.letIn("kitchen");
  await joined;
  await client.join("kitchen");
  const refused = client.join("vault");
  const { id } = world.socket.last("join");
  world.socket.say({ type: "error", code: "too_many_rooms", content: "Too many", id });
  assertEquals((await assertRejects(() => refused, RefusedError)).code, "too_many_rooms");
  assertEquals(client.rooms, ["lobby", "kitchen"]);
  const left = client.join("attic");
  client.leave("attic");
  assertEquals((await assertRejects(() => left, RefusedError)).code, "closed");
});

Deno.test("HubbubClient passes over what still comes of a room that was left", () => {
  const { world, client, shown } = setUpOnline();
  client.join("kitchen");
  world.socket.letIn("kitchen");
  client.leave("kitchen");
  world.socket.say(said(1, "soup", { room: "kitchen" }));
  client.join("kitchen");
  world.socket.say(said(2, "salad", { room: "kitchen" }));
  assertEquals(shown, []);
  const { id } = world.socket.last("join");
  const page = [said(1, "soup", { room: "kitchen" }), said(2, "salad", { room: "kitchen" })];
  world.socket.say(presence("login", "kitchen", "ann", ["ann"], id));
  world.socket.say(history(page, { room: "kitchen", complete: false }));
  assertEquals(shown, ["soup", "salad"]);
});

Deno.test("HubbubClient.say() resends under the same id until it is confirmed, and shows it once", async () => {
  const { world, client, shown } = setUpOnline();
  const kept = client.say("lobby", "hello");
  const { id } = world.socket.last("user");
  comeBack(world);
  world.socket.welcome([said(1, "hello", { from: "ann", id })]);
  assertEquals((await kept).content, "hello");
  assertEquals(client.queue.size, 0);
  world.socket.say(said(1, "hello", { from: "ann", id }));
  assertEquals(shown, ["hello"]);
});

Deno.test("HubbubClient.say() sends what was said before it was online, in order", () => {
  const { world, client } = setUp();
  client.say("lobby", "a", { id: "mine" });
  client.say("lobby", "b", { replyTo: 7 });
  world.socket.greet();
  assertEquals(world.socket.all("user"), []);
  world.socket.welcome();
  const sent = () => world.socket.all("user").map(({ content }) => content);
  assertEquals(sent(), ["a"]);
  assertEquals(world.socket.last("user").id, "mine");
  world.socket.say(said(1, "a", { from: "ann", id: "mine" }));
  assertEquals(sent(), ["a", "b"]);
  assertEquals(world.socket.last("user").reply_to, 7);
});

Deno.test("HubbubClient.say() waits until the room is entered", () => {
  const { world, client } = setUpOnline();
  client.join("kitchen");
  client.say("kitchen", "soup");
  assertEquals(world.socket.all("user"), []);
  world.socket.letIn("kitchen");
  assertEquals(world.socket.last("user").content, "soup");
});

Deno.test("HubbubClient.say() keeps to the server's rate", () => {
  const { world, client } = setUp();
  world.socket.greet("e1", { rate: 10, burst: 6 });
  world.socket.welcome();
  let seq = 0;
  for (let i = 0; i < 5; i++) client.say("lobby", `${i}`);
  const confirmAll = () => {
    for (;;) {
      const sent = world.socket.all("user");
      if (sent.length === seq) return seq;
      world.socket.say(said(++seq, "", { from: "ann", id: sent[seq - 1]?.id }));
    }
  };
  // Half of the burst, of which the login was one.
  assertEquals(confirmAll(), 2);
  world.advance(99);
  assertEquals(confirmAll(), 2);
  world.advance(1);
  assertEquals(confirmAll(), 3);
  world.advance(100);
  assertEquals(confirmAll(), 4);
});

Deno.test("HubbubClient.say() waits as long as a temporary refusal says", () => {
  const { world, client } = setUpOnline();
  client.say("lobby", "a");
  const { id } = world.socket.last("user");
  world.socket.say({ type: "error", code: "rate_limited", content: "", id, retry_ms: 700 });
  const count = () => world.socket.all("user").length;
  world.advance(699);
  assertEquals(count(), 1);
  world.advance(1);
  assertEquals(count(), 2);
  assertEquals(world.socket.last("user").id, id);
});

Deno.test("HubbubClient.say() rejects with a lasting refusal and goes on with the next", async () => {
  const { world, client } = setUpOnline();
  const failed: string[] = [];
  client.on("failed", ({ content }, { code }) => failed.push(`${content}: ${code}`));
  const refused = client.say("lobby", "long");
  client.say("lobby", "short");
  const { id } = world.socket.last("user");
  world.socket.say({ type: "error", code: "too_long", content: "Too long", id });
  const error = await assertRejects(() => refused, RefusedError, "Too long");
  assertEquals(error.code, "too_long");
  assertEquals(failed, ["long: too_long"]);
  assertEquals(world.socket.last("user").content, "short");
});

Deno.test("HubbubClient.tell() does not send a direct message twice", async () => {
  const { world, client } = setUpOnline();
  const told = client.tell("bo", "psst");
  assertEquals(world.socket.last("direct").to, "bo");
  world.socket.break();
  const error = await assertRejects(() => told, RefusedError, "Cannot tell");
  assertEquals(error.code, "lost");
  world.advance(500);
  world.socket.greet();
  world.socket.welcome();
  assertEquals(world.socket.all("direct"), []);
});

Deno.test("HubbubClient.tell() follows a person to their new name", () => {
  const { world, client } = setUpOnline();
  client.tell("bo", "one");
  client.tell("bo", "two");
  const { id } = world.socket.last("direct");
  world.socket.say({ type: "rename", room: "lobby", from: "bo", content: "Bob", user_count: 2 });
  world.socket.say({ type: "direct", from: "ann", to: "Bob", content: "one", time: 1, id });
  assertEquals([world.socket.last("direct").to, world.socket.last("direct").content], [
    "Bob",
    "two",
  ]);
});

Deno.test("HubbubClient.ask() resolves to the answer, which is no event", async () => {
  const { world, client } = setUpOnline();
  const events: string[] = [];
  client.on("event", ({ type }) => events.push(type));
  const asked = client.ask({ type: "rooms" });
  world.socket.say({ type: "rooms", rooms: [], id: world.socket.last("rooms").id });
  assertEquals((await asked).rooms, []);
  assertEquals(events, []);
});

Deno.test("HubbubClient.ask() asks again what the rate put off, and rejects what is refused", async () => {
  const { world, client } = setUpOnline();
  const asked = client.ask({ type: "rooms" });
  const { id } = world.socket.last("rooms");
  world.socket.say({ type: "error", code: "rate_limited", content: "", id, retry_ms: 100 });
  world.advance(200);
  assertEquals(world.socket.all("rooms").map((question) => question.id), [id, id]);
  world.socket.say({ type: "error", code: "unavailable", content: "Not now", id });
  assertEquals((await assertRejects(() => asked, RefusedError)).code, "unavailable");
});

Deno.test("HubbubClient.ask() rejects while there is no connection, and when it breaks", async () => {
  const { world, client } = setUp();
  const early = client.ask({ type: "rooms" });
  assertEquals((await assertRejects(() => early, RefusedError)).code, "offline");
  world.socket.greet();
  world.socket.welcome();
  const asked = client.ask({ type: "rooms" });
  world.socket.break();
  assertEquals((await assertRejects(() => asked, RefusedError)).code, "offline");
});

Deno.test("HubbubClient counts what is unread, until it is marked as read or answered", () => {
  const { world, client } = setUpOnline();
  world.socket.say(said(1, "one"), said(2, "@Ann two"));
  assertEquals(client.unread("lobby"), { read: 0, count: 2, mentions: 1, line: 1 });
  client.markRead("lobby");
  assertEquals(client.unread("lobby"), { read: 2, count: 0, mentions: 0, line: 1 });
  world.socket.say(said(3, "three"));
  assertEquals(client.unread("lobby").count, 1);
  world.socket.say(said(4, "me", { from: "ann" }));
  assertEquals(client.unread("lobby"), { read: 4, count: 0, mentions: 0, line: 0 });
});

Deno.test("HubbubClient counts what was missed as unread, and nothing before the first visit", () => {
  const { world, client } = setUp();
  world.socket.greet();
  world.socket.welcome([said(1, "one")], false);
  assertEquals(client.unread("lobby").count, 0);
  comeBack(world);
  world.socket.welcome([said(2, "two"), said(3, "@ann three")]);
  assertEquals(client.unread("lobby"), { read: 1, count: 2, mentions: 1, line: 2 });
});

Deno.test("HubbubClient.login() asks for another name after a refusal", () => {
  const { world, client } = setUp();
  const codes: string[] = [];
  client.on("refused", ({ code }) => codes.push(code));
  world.socket.greet();
  const { id } = world.socket.last("login");
  world.socket.say({ type: "error", code: "name_taken", content: "taken", id });
  assertEquals(codes, ["name_taken"]);
  // Until there is one, no new connection asks for the taken name again.
  comeBack(world);
  assertEquals(world.socket.all("login"), []);
  client.login("ann2");
  world.socket.welcome();
  assert(client.isOnline);
  assertEquals(client.name, "ann2");
});

Deno.test("HubbubClient.login() asks once for a name, and not at all once it is online", () => {
  const { world, client } = setUp();
  world.socket.greet();
  client.login("ann");
  assertEquals(world.socket.all("login").length, 1);
  world.socket.welcome();
  assertThrows(() => client.login("eve"), RefusedError, "rename");
  assertEquals(client.name, "ann");
});

Deno.test("HubbubClient closes by itself when its login is refused and nobody listens", async () => {
  const { world, client } = setUp();
  const kept = client.say("lobby", "hello");
  const joined = client.join("lobby");
  world.socket.greet();
  const { id } = world.socket.last("login");
  world.socket.say({ type: "error", code: "name_taken", content: "taken", id });
  world.socket.break(1000);
  for (const promise of [kept, joined, client.say("lobby", "again")]) {
    assertEquals((await assertRejects(() => promise, RefusedError, "taken")).code, "name_taken");
  }
  assertEquals(client.state.phase, "stopped");
  assertEquals(world.timers, 0);
});

Deno.test("HubbubClient asks again for a login that the server cannot serve now", () => {
  const { world, client } = setUp();
  world.socket.greet();
  const { id } = world.socket.last("login");
  world.socket.say({ type: "error", code: "unavailable", content: "", id, retry_ms: 300 });
  world.advance(300);
  assertEquals(world.socket.all("login").length, 2);
  world.socket.welcome();
  assert(client.isOnline);
});

Deno.test("HubbubClient connects without a name and logs in once it has one", () => {
  const { world, client } = setUp({ name: "" });
  world.socket.greet();
  assertEquals(world.socket.sent, []);
  client.login("ann");
  world.socket.welcome();
  assert(client.isOnline);
});

Deno.test("HubbubClient goes on when a listener throws", async () => {
  const { world, client, shown } = setUpOnline();
  const uncaught = Promise.withResolvers<unknown>();
  const caught = (event: ErrorEvent) => {
    event.preventDefault();
    uncaught.resolve(event.error);
  };
  addEventListener("error", caught, { once: true });
  const problem = new Error("of the listener");
  const off = client.on("user", () => {
    throw problem;
  });
  client.on("user", ({ content }) => shown.push(`also ${content}`));
  world.socket.say(said(1, "one"));
  off();
  world.socket.say(said(2, "two"));
  assertEquals(shown, ["one", "also one", "two", "also two"]);
  assertEquals(await uncaught.promise, problem);
});
