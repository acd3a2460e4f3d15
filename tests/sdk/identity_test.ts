/**
 * Who the client is: over breaks, ended sessions and changes of the user.
 *
 * @module
 */
import { RefusedError } from "../../sdk/hubbub.js";
import type { ClientOptions } from "../../sdk/types.js";
import type { User } from "../../protocol/messages.ts";
import { LINES } from "../../protocol/wire.js";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/assert.ts";
import { settle } from "../support/promises.ts";
import { FakeWorld, idOf, presence, said } from "./fakes.ts";

const ANN: User = { id: idOf("ann"), name: "ann", role: "guest" };
const MEMBER: User = { id: "m1", name: "Mia", role: "member" };

function setUp(options: Partial<ClientOptions> = {}) {
  const world = new FakeWorld();
  const client = world.client(options);
  const ended: string[] = [];
  client.on("session-ended", (reason) => ended.push(reason));
  client.start();
  return { world, client, ended };
}

/** A client that is online as a guest, under a session that the server told. */
function setUpGuest(options: Partial<ClientOptions> = {}) {
  const all = setUp(options);
  all.world.socket.greet();
  all.world.socket.welcome([], true, { session: "told" });
  return all;
}

/** A page whose cookie tells who it is. */
function setUpCookie(options: Partial<ClientOptions> = {}, user = MEMBER) {
  const all = setUp({ name: "", ...options });
  all.world.socket.greet("e1", {}, user);
  all.world.socket.welcome([], true, { user });
  return all;
}

function breakLine(world: FakeWorld): void {
  world.socket.break();
  world.advance(500);
}

Deno.test("HubbubClient tells who it is and by which secret, once it has logged in", () => {
  const { world, client } = setUp();
  world.socket.greet();
  assertEquals([client.user, client.session], [undefined, ""]);
  world.socket.welcome([], true, { session: "told" });
  assertEquals([client.user, client.session], [ANN, "told"]);
});

Deno.test("HubbubClient takes the session of the handshake if the login tells no other", () => {
  const { world, client } = setUp();
  world.socket.greet();
  world.socket.welcome();
  assertEquals(client.session, "session-of-e1");
});

Deno.test("HubbubClient comes back by its session, without asking for a name", () => {
  const { world, client } = setUpGuest();
  breakLine(world);
  world.socket.greet("e1");
  const { content, session } = world.socket.last("login");
  assertEquals({ content, session }, { content: undefined, session: "told" });
  world.socket.welcome([], true, { user: { ...ANN, name: "eve" } });
  assertEquals([client.name, client.user?.id, client.session], ["eve", ANN.id, "told"]);
});

Deno.test("HubbubClient logs in as the handshake tells, whatever name it was given", () => {
  const { world, client } = setUpCookie({ name: "someone" });
  const { content, session } = world.socket.last("login");
  assertEquals({ content, session }, { content: undefined, session: undefined });
  assertEquals([client.name, client.user, client.session], ["Mia", MEMBER, ""]);
});

Deno.test("HubbubClient knows the session that it was given as its secret", () => {
  const { world, client } = setUp({ session: "stored", name: "" });
  world.socket.greet("e1", {}, MEMBER);
  world.socket.welcome([], true, { user: MEMBER });
  assertEquals(client.session, "stored");
  breakLine(world);
  assertEquals(world.socket.protocols, [LINES, "bearer.stored"]);
});

Deno.test("HubbubClient asks to be remembered only as a new guest", () => {
  const { world } = setUpGuest({ remember: true });
  assertEquals(world.socket.last("login").remember, true);
  breakLine(world);
  world.socket.greet();
  assertEquals(world.socket.last("login").remember, undefined);
});

Deno.test("HubbubClient follows its own user through a rename, on whichever device", () => {
  const { world, client } = setUpGuest();
  const rename = { type: "rename", room: "lobby", user_count: 1 };
  world.socket.say({ ...rename, from: "ann", content: "eve", by: ANN.id });
  assertEquals([client.name, client.user?.name], ["eve", "eve"]);
  // Somebody else takes the name that was given up, and another one.
  world.socket.say({ ...rename, from: "bo", content: "ann", by: idOf("bo") });
  assertEquals(client.name, "eve");
});

Deno.test("HubbubClient takes what its user says elsewhere for its own", () => {
  const { world, client } = setUpGuest();
  const heard: [string, boolean][] = [];
  client.on("message", ({ content }, { own }) => heard.push([content, own]));
  world.socket.say(said(1, "from my phone", { from: "ann" }));
  world.socket.say(said(2, "by who has my name", { from: "ann", by: "another" }));
  world.socket.say(said(3, "from before there were users", { from: "ann", by: undefined }));
  assertEquals(heard.map(([, own]) => own), [true, false, false]);
});

Deno.test("HubbubClient does not take another connection of its user for its own", () => {
  const { world, client } = setUpGuest();
  client.join("tea");
  client.say("tea", "hi");
  world.socket.say(presence("login", "tea", "ann", ["ann"]));
  assertEquals(world.socket.all("user"), []);
  world.socket.letIn("tea");
  assertEquals(world.socket.all("user").length, 1);
});

Deno.test("HubbubClient begins anew as a guest when its session is over", async () => {
  const { world, client, ended } = setUpGuest();
  const kept = client.say("lobby", "under way");
  breakLine(world);
  world.socket.greet();
  world.socket.refuse("login", "unauthorized", { content: "over" });
  const { content, session } = world.socket.last("login");
  assertEquals({ content, session }, { content: "ann", session: undefined });
  assertEquals([ended, client.user, client.state.phase], [["over"], undefined, "open"]);
  world.socket.welcome([], true, { user: { ...ANN, id: "new" }, session: "other" });
  assertEquals([client.user?.id, client.session], ["new", "other"]);
  // The server would not know it for the same.
  assertEquals((await assertRejects(() => kept, RefusedError)).code, "lost");
});

Deno.test("HubbubClient does not make a guest of a member whose session is over", () => {
  const { world, client, ended } = setUpGuest();
  breakLine(world);
  world.socket.greet();
  world.socket.welcome([], true, { user: { ...ANN, role: "member" } });
  breakLine(world);
  world.socket.greet();
  world.socket.refuse("login", "unauthorized", { content: "over" });
  assertEquals([ended, client.isSignedOut, client.state.reason], [["over"], true, "over"]);
  assertEquals([client.user, client.session], [undefined, ""]);
});

Deno.test("HubbubClient is signed out when the session that it was given is over", () => {
  const { world, client, ended } = setUp({ session: "stored" });
  world.socket.greet("e1", {}, ANN);
  world.socket.refuse("login", "unauthorized", { content: "over" });
  assertEquals([ended, client.isSignedOut, client.user], [["over"], true, undefined]);
  assertEquals(world.timers, 0);
  // It opens nothing any more, and is not offered again.
  client.start();
  assertEquals(world.socket.protocols, [LINES]);
});

Deno.test("HubbubClient is signed out when its cookie tells nobody any more", () => {
  const { world, client, ended } = setUpCookie();
  breakLine(world);
  world.socket.greet();
  assertEquals([ended.length, client.isSignedOut], [1, true]);
  assertEquals(world.socket.all("login"), []);
});

Deno.test("HubbubClient stays away after close code 4504, until it is asked", () => {
  const { world, client, ended } = setUpGuest();
  world.socket.break(4504, "removed");
  assertEquals([ended, client.isSignedOut, client.session], [["removed"], true, ""]);
  assertEquals(world.timers, 0);
  client.start();
  world.socket.greet();
  assertEquals(world.socket.last("login").session, undefined);
});

Deno.test("HubbubClient learns over HTTP that a handshake is refused for its session", async () => {
  const { world, client, ended } = setUp({ session: "stored" });
  world.answer = { status: 401, json: { code: "unauthorized" } };
  world.socket.break();
  await settle();
  assertEquals([ended.length, client.isSignedOut], [1, true]);
  const [request] = world.fetched;
  assertEquals(request?.url, "http://test/api/session");
  assertEquals(request?.headers.get("authorization"), "Bearer stored");
});

Deno.test("HubbubClient tries on while the server does not say that its session is over", async () => {
  for (const status of [200, 404, 503]) {
    const { world, client } = setUp({ session: "stored" });
    world.answer = { status };
    world.socket.break();
    await settle();
    assertEquals(client.state.phase, "waiting");
  }
});

Deno.test("HubbubClient has a returning guest choose another name if its own was taken", () => {
  const { world, client } = setUpGuest();
  const codes: string[] = [];
  client.on("refused", ({ code }) => codes.push(code));
  breakLine(world);
  world.socket.greet();
  world.socket.refuse("login", "name_taken");
  assertEquals(codes, ["name_taken"]);
  client.login("ann2");
  const { content, session } = world.socket.last("login");
  assertEquals({ content, session }, { content: "ann2", session: "told" });
  world.socket.welcome([], true, { user: { ...ANN, name: "ann2" } });
  assertEquals([client.user?.id, client.name], [ANN.id, "ann2"]);
  assertThrows(() => client.login("ann3"), RefusedError, "rename");
});

for (const code of ["forbidden", "muted", "too_many"]) {
  Deno.test(`HubbubClient enters the lobby if it is not let into the room of its login: ${code}`, () => {
    const { world, client } = setUp({ rooms: ["vault", "tea"] });
    const refused: string[] = [];
    client.on("join-refused", ({ room, error }) => refused.push(`${room}: ${error.code}`));
    world.socket.greet();
    assertEquals(world.socket.last("login").room, "vault");
    world.socket.refuse("login", code);
    assertEquals(world.socket.last("login").room, "lobby");
    world.socket.welcome();
    world.socket.say({
      type: "error",
      code,
      content: "",
      id: world.socket.all("join")[0]?.id,
    });
    return settle().then(() => {
      assertEquals(refused, [`vault: ${code}`]);
      assertEquals(client.rooms, ["tea"]);
    });
  });
}

Deno.test("HubbubClient is refused for good if it may not even enter the lobby", () => {
  const { world, client } = setUp();
  let refused = 0;
  client.on("refused", () => refused++);
  world.socket.greet();
  world.socket.refuse("login", "forbidden");
  assertEquals([refused, world.socket.all("login").length], [1, 1]);
  assertEquals(client.isOnline, false);
});

Deno.test("HubbubClient.become() forgets who it was and connects as the cookie tells", async () => {
  const { world, client } = setUpGuest({ rooms: ["lobby", "tea"] });
  const kept = client.say("tea", "of ann");
  world.socket.say(said(1, "psst", { room: "@id-of-bo" }));
  assertEquals(client.conversations, ["@id-of-bo"]);
  const became = client.become();
  world.socket.break(1000);
  await became;
  assertEquals((await assertRejects(() => kept, RefusedError)).code, "closed");
  assertEquals([client.user, client.session, client.conversations], [undefined, "", []]);
  world.socket.greet("e1", {}, MEMBER);
  assertEquals(world.socket.last("login").session, undefined);
  world.socket.welcome([], true, { user: MEMBER });
  assertEquals([client.user, client.rooms], [MEMBER, ["lobby", "tea"]]);
});

Deno.test("HubbubClient.become() takes another session or begins as another guest", async () => {
  const { world, client } = setUpGuest();
  for (const who of [{ session: "other" }, { name: "eve" }]) {
    const became = client.become(who);
    world.socket.break(1000);
    await became;
    assertEquals(world.socket.protocols.at(-1), who.session ? "bearer.other" : LINES);
    world.socket.greet("e1", {}, who.session ? MEMBER : undefined);
    assertEquals(world.socket.last("login").content, who.name);
    world.socket.welcome();
  }
});

Deno.test("HubbubClient.upload() brings its session, or leaves it to the cookie", async () => {
  const guest = setUpGuest();
  guest.world.answer = { status: 201, json: { id: "f1", name: "a b.txt" } };
  assertEquals((await guest.client.upload("a b.txt", "text")).id, "f1");
  const [request] = guest.world.fetched;
  assertEquals(request?.url, "http://test/files?name=a%20b.txt");
  assertEquals(request?.headers.get("authorization"), "Bearer told");
  assertEquals(request?.credentials, "omit");
  const page = setUpCookie();
  page.world.answer = { status: 507, json: { code: "unavailable", detail: "Disk is full" } };
  const error = await assertRejects(() => page.client.upload("a", ""), RefusedError, "full");
  assertEquals(error.code, "unavailable");
  const [other] = page.world.fetched;
  assertEquals([other?.headers.has("authorization"), other?.credentials], [false, "same-origin"]);
  assert(page.client.isOnline);
});

Deno.test("HubbubClient.nameOf() follows names through everything that tells them", () => {
  const { world, client } = setUpGuest();
  world.socket.say(said(1, "hi", { from: "bo", by: "b" }));
  world.socket.say({ type: "rename", room: "lobby", from: "bo", content: "Bob", by: "b" });
  world.socket.say({ type: "invite", room: "tea", from: "Bob", by: "b", user: MEMBER });
  assertEquals([client.nameOf("b"), client.nameOf("m1"), client.nameOf(ANN.id)], [
    "Bob",
    "Mia",
    "ann",
  ]);
  assertEquals([client.nameOf("x", "who"), client.nameOf(undefined, "old")], ["who", "old"]);
});
