/** What admins ask of the hub. */
import {
  announce,
  connectionNumbers,
  countConnections,
  countOnline,
  deleteMessage,
  kick,
  listConnections,
  sendAway,
} from "../../hub/admin_commands.ts";
import { Refused, type User } from "../../protocol.ts";
import { assert, assertEquals, assertRejects } from "../support/assert.ts";
import { HubHarness } from "../support/hub_harness.ts";
import { admit, makePrivate, seen } from "./people/people.ts";

const ADMIN: User = { id: "admin-admin1", name: "root", role: "admin" };

/** The code with which something is refused. */
async function refusal(promise: Promise<unknown>): Promise<string> {
  const error = await assertRejects(() => promise, Refused);
  return error.code;
}

Deno.test("listConnections() tells of each connection who is on it, where, and what it waits for", async () => {
  await using harness = new HubHarness();
  const ann = await harness.enter("ann", {}, { ip: "192.0.2.7" });
  harness.now += 5000;
  const stranger = harness.connect({ plain: true });
  await harness.settled();
  ann.send({ type: "join", room: "tea" });
  await harness.settled();
  harness.now += 700;
  ann.socket.bufferedAmount = 100;
  const { connections, complete } = await listConnections(harness.hub, { limit: 2 });
  assertEquals(complete, true);
  assertEquals(connections, [
    {
      number: ann.connection.number,
      ip: "192.0.2.7",
      agent: "",
      since: 1_000_000,
      user: ann.user,
      rooms: ["lobby", "tea"],
      subprotocol: "hubbub.v1",
      queued_bytes: 100,
      idle_ms: 700,
    },
    {
      number: stranger.connection.number,
      ip: "192.0.2.1",
      agent: "",
      since: 1_005_000,
      rooms: [],
      subprotocol: "",
      queued_bytes: 0,
      idle_ms: 700,
    },
  ]);
});

Deno.test("listConnections() lists pages, the oldest connection first", async () => {
  await using harness = new HubHarness();
  const people = Array.from({ length: 5 }, () => harness.connect());
  await harness.settled();
  const all = people.map(({ connection }) => connection.number);
  assertEquals(await connectionNumbers(harness.hub), all);
  const listed: number[] = [];
  const pages: number[] = [];
  let isComplete = false;
  while (!isComplete) {
    const after = listed.at(-1) ?? 0;
    const { connections, complete } = await listConnections(harness.hub, { after, limit: 2 });
    listed.push(...connections.map(({ number }) => number));
    pages.push(connections.length);
    isComplete = complete;
  }
  assertEquals(listed, all);
  assertEquals(pages, [2, 2, 1]);
});

Deno.test("countConnections() and countOnline() count what was asked for", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  await harness.enterAgain(ann, { room: "tea" });
  const bob = await harness.enter("bob", { room: "tea" });
  const connections = await countConnections(harness.hub, [ann.user.id, bob.user.id, "nobody"]);
  assertEquals([...connections.values()], [2, 1, 0]);
  const online = await countOnline(harness.hub, ["lobby", "tea", "none"]);
  assertEquals([...online], [["lobby", 1], ["tea", 2], ["none", 0]]);
});

Deno.test("kick() ends all connections of a user, after telling why, and shows the others that it has left", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  const again = await harness.enterAgain(ann);
  const bob = await harness.enter("bob");
  assertEquals(await kick(harness.hub, { user: ann.user.id }, "enough"), 2);
  for (const person of [ann, again]) {
    assertEquals((await person.closed()).code, 4505);
    const texts = person.take().flatMap((one) => one.type === "system" ? [one.content] : []);
    assertEquals(texts, ["An admin has ended this connection: enough"]);
  }
  assertEquals(await seen(harness, bob), ["logout lobby ann of 1"]);
  assertEquals(await kick(harness.hub, { user: ann.user.id }, ""), 0);
});

Deno.test("kick() ends one connection, logged in or not, and no other", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  const again = await harness.enterAgain(ann);
  const stranger = harness.connect();
  await harness.settled();
  for (const { connection } of [again, stranger]) {
    assertEquals(await kick(harness.hub, { connection: connection.number }, ""), 1);
    assertEquals(await kick(harness.hub, { connection: connection.number }, ""), 0);
  }
  assertEquals((await again.closed()).code, 4505);
  assertEquals((await stranger.closed()).code, 4505);
  assertEquals(await seen(harness, ann), []);
  assertEquals(ann.socket.closed, undefined);
});

Deno.test("kick() leaves nothing of what the user has asked for and was not served yet", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await admit(harness, "ann"), await harness.enter("bob")];
  const kicked = kick(harness.hub, { user: ann.user.id }, "");
  ann.say("too late");
  await kicked;
  assertEquals(await seen(harness, bob), ["logout lobby ann of 1"]);
});

Deno.test("deleteMessage() deletes whatever anybody has said, in private rooms too, in the admin's name", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  await makePrivate(harness, ann, "secret", bob);
  ann.say("one", "secret");
  await harness.settled();
  bob.take();
  await deleteMessage(harness.hub, { room: "secret", seq: 1 }, ADMIN);
  assertEquals(await seen(harness, bob), ["delete secret 1 root"]);
  const { messages } = await harness.store.read("secret", { limit: 1 });
  assertEquals(messages[0]?.deleted, true);
});

Deno.test("deleteMessage() says what is not there, and tells nobody", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await admit(harness, "ann"), await admit(harness, "bob")];
  ann.say("one");
  ann.say("between us", `@${bob.user.id}`);
  await harness.settled();
  bob.take();
  const [first, second] = [ann.user.id, bob.user.id].sort();
  const remove = (room: string, seq: number) =>
    refusal(deleteMessage(harness.hub, { room, seq }, ADMIN));
  assertEquals(await remove("lobby", 2), "no_such_message");
  assertEquals(await remove("none", 1), "no_such_room");
  assertEquals(await remove(`@${first}:${second}`, 1), "no_such_room");
  assertEquals(await seen(harness, bob), []);
});

Deno.test("deleteMessage() rejects if the store does not commit it", async () => {
  await using harness = new HubHarness();
  const ann = await admit(harness, "ann");
  ann.say("one");
  await harness.settled();
  ann.take();
  harness.store.commit = () => Promise.reject(new Error("The disk is full"));
  const deleted = deleteMessage(harness.hub, { room: "lobby", seq: 1 }, ADMIN);
  assertEquals(await refusal(deleted), "unavailable");
  assertEquals(await seen(harness, ann), []);
});

Deno.test("announce() tells everybody, connections without a login too", async () => {
  await using harness = new HubHarness();
  const people = [await harness.enter("ann"), await harness.enter("bob", { room: "tea" })];
  const stranger = harness.connect();
  await stranger.next("handshake");
  await announce(harness.hub, "Back in a minute");
  for (const person of [...people, stranger]) {
    assertEquals(await seen(harness, person), ["system Back in a minute"]);
  }
});

Deno.test("sendAway() ends connections with a code after which clients come back", async () => {
  await using harness = new HubHarness();
  const [ann, bob] = [await harness.enter("ann"), await harness.enter("bob")];
  const { number } = ann.connection;
  ann.say("last words");
  assertEquals(await sendAway(harness.hub, [number, 999], "Moving"), 1);
  assertEquals(await ann.closed(), { code: 4002, reason: "Moving" });
  assertEquals(await sendAway(harness.hub, [number], "Moving"), 0);
  assertEquals(await seen(harness, bob), [
    "user lobby 1 ann: last words",
    "logout lobby ann of 1",
  ]);
});

Deno.test("Admin commands are refused once the hub has ended", async () => {
  const harness = new HubHarness();
  await harness[Symbol.asyncDispose]();
  for (const act of [connectionNumbers, (hub: typeof harness.hub) => announce(hub, "x")]) {
    const error = await assertRejects(() => act(harness.hub), Refused);
    assert(error.code === "unavailable");
  }
});
