import { Reading } from "../../sdk/reading.js";
import type { ClientOptions } from "../../sdk/types.js";
import type { MembershipEntry } from "../../protocol/messages.ts";
import { assertEquals } from "../support/assert.ts";
import { FakeWorld, history, idOf, membership, said } from "./fakes.ts";

const ENTRY: MembershipEntry = { room: "tea", last: 10, read: 6, unread: 3, mentions: 1 };

function setUp() {
  const world = new FakeWorld();
  const sent: number[] = [];
  const connection = { isOpen: true };
  const reading = new Reading({
    send: (_room, seq) => connection.isOpen && sent.push(seq) > 0,
    environment: world.environment,
  });
  const hear = (seq: number, { own = false, mention = false } = {}) => {
    const message = { type: "user" as const, room: "tea", from: "bo", content: "", time: 0, seq };
    reading.receive(message, { own, mention });
  };
  return { world, reading, sent, connection, hear };
}

/** A client that is online, and a member of these rooms. */
function setUpClient(
  rooms: Record<string, unknown>[] | undefined,
  options: Partial<ClientOptions> = {},
) {
  const world = new FakeWorld();
  const client = world.client(options);
  client.start();
  world.socket.greet();
  const last = rooms?.find(({ room }) => room === "lobby")?.last ?? 0;
  world.socket.welcome([], true, rooms && { rooms }, { last });
  return { world, client };
}

Deno.test("Reading counts on from what the server counted at the login", () => {
  const { reading, hear } = setUp();
  reading.seed([ENTRY]);
  assertEquals(reading.unread("tea"), { read: 6, count: 3, mentions: 1, line: 7 });
  hear(9);
  hear(11, { mention: true });
  assertEquals(reading.unread("tea"), { read: 6, count: 4, mentions: 2, line: 7 });
});

Deno.test("Reading lowers what is unread by what was read elsewhere, and no further", () => {
  const { reading, hear, sent } = setUp();
  reading.seed([{ ...ENTRY, read: 10, unread: 0, mentions: 0 }]);
  for (const seq of [11, 12, 13]) hear(seq, { mention: seq === 13 });
  reading.follow({ type: "read", room: "tea", seq: 12 });
  assertEquals(reading.unread("tea"), { read: 12, count: 1, mentions: 1, line: 11 });
  reading.follow({ type: "read", room: "tea", seq: 11 });
  assertEquals(reading.unread("tea").count, 1);
  assertEquals(sent, []);
});

Deno.test("Reading leaves at most as many of the server's unread ones as there are behind a marker", () => {
  const { reading, hear } = setUp();
  reading.seed([ENTRY]);
  hear(11);
  reading.follow({ type: "read", room: "tea", seq: 9 });
  assertEquals([reading.unread("tea").count, reading.unread("tea").mentions], [2, 1]);
  reading.follow({ type: "read", room: "tea", seq: 10 });
  assertEquals([reading.unread("tea").count, reading.unread("tea").mentions], [1, 0]);
});

Deno.test("Reading tells the server at once, then once a second, the last one only", () => {
  const { world, reading, sent } = setUp();
  for (const seq of [1, 2, 3]) reading.mark("tea", seq);
  assertEquals(sent, [1]);
  world.advance(999);
  assertEquals(sent, [1]);
  world.advance(1);
  assertEquals(sent, [1, 3]);
  reading.mark("tea", 2);
  world.advance(5000);
  assertEquals([sent, world.timers], [[1, 3], 0]);
});

Deno.test("Reading.flush() tells what waits, for a client that is about to go", () => {
  const { reading, sent, world } = setUp();
  reading.mark("tea", 1);
  reading.mark("tea", 2);
  reading.flush();
  reading.flush();
  assertEquals([sent, world.timers], [[1, 2], 0]);
});

Deno.test("Reading tells after a break what the server does not know", () => {
  const { reading, connection, sent } = setUp();
  reading.seed([ENTRY]);
  connection.isOpen = false;
  reading.mark("tea", 10);
  reading.lost();
  connection.isOpen = true;
  reading.seed([{ ...ENTRY, last: 12, unread: 5 }]);
  assertEquals(sent, [10]);
  assertEquals(reading.unread("tea"), { read: 10, count: 2, mentions: 1, line: 11 });
});

Deno.test("Reading takes the server's marker where its own is of data that are no more", () => {
  const { reading, sent } = setUp();
  reading.mark("tea", 99);
  reading.seed([ENTRY]);
  assertEquals([reading.unread("tea").read, sent], [6, [99]]);
  reading.mark("tea", 10);
  reading.start("tea", 4, 4);
  assertEquals(reading.unread("tea"), { read: 4, count: 0, mentions: 0, line: 0 });
});

Deno.test("Reading takes what the user says for a sign that the room was read", () => {
  const { reading, hear, sent } = setUp();
  hear(1, { own: true });
  assertEquals(sent, []);
  hear(2);
  hear(3, { own: true });
  assertEquals([reading.unread("tea"), sent], [{ read: 3, count: 0, mentions: 0, line: 0 }, [3]]);
});

Deno.test("Reading counts any number of messages and remembers only some", () => {
  const { reading, hear } = setUp();
  for (let seq = 1; seq <= 2000; seq++) hear(seq, { mention: seq <= 1000 });
  assertEquals(reading.unread("tea"), { read: 0, count: 2000, mentions: 1000, line: 1 });
  reading.follow({ type: "read", room: "tea", seq: 1900 });
  assertEquals([reading.unread("tea").count, reading.unread("tea").mentions], [100, 0]);
});

Deno.test("HubbubClient.markRead() moves the user's marker on all of their devices", () => {
  const { world, client } = setUpClient([membership("lobby")]);
  client.markRead("lobby");
  const { room, seq, id } = world.socket.last("read");
  assertEquals([room, seq], ["lobby", 10]);
  world.socket.say({ type: "read", room, seq, id });
  const told: number[] = [];
  client.on("read", (read) => told.push(read.seq));
  world.socket.say(said(11, "new"));
  assertEquals(client.unread("lobby").count, 1);
  world.socket.say({ type: "read", room, seq: 11 });
  assertEquals([client.unread("lobby").count, told], [0, [11]]);
});

Deno.test("HubbubClient.markRead() marks up to a message", () => {
  const { world, client } = setUpClient([membership("lobby", { read: 10, unread: 0 })]);
  world.socket.say(said(11, "one"), said(12, "two"));
  client.markRead("lobby", 11);
  assertEquals([world.socket.last("read").seq, client.unread("lobby").count], [11, 1]);
});

Deno.test("HubbubClient.markRead() tells the server nothing for a guest of whom it keeps nothing", () => {
  const { world, client } = setUpClient(undefined);
  world.socket.say(said(1, "one"));
  client.markRead("lobby");
  assertEquals([world.socket.all("read"), client.unread("lobby").count], [[], 0]);
});

Deno.test("HubbubClient counts nothing twice that the server counted and a resume brings", () => {
  const { world, client } = setUpClient([membership("lobby", { last: 1, read: 1, unread: 0 })]);
  world.socket.say(said(2, "two"));
  world.socket.break();
  world.advance(500);
  world.socket.greet();
  const rooms = [membership("lobby", { last: 4, read: 1, unread: 3 })];
  world.socket.welcome([said(3, "three"), said(4, "four"), said(5, "five")], true, { rooms });
  assertEquals(client.unread("lobby"), { read: 1, count: 4, mentions: 1, line: 2 });
});

Deno.test("HubbubClient counts in a page only what the server could not have counted", () => {
  const { world, client } = setUpClient([membership("tea", { last: 4, read: 2, unread: 2 })]);
  client.join("tea");
  const page = [3, 4, 5].map((seq) => said(seq, "", { room: "tea" }));
  world.socket.letIn("tea", "ann", page);
  assertEquals(client.unread("tea").count, 3);
});

Deno.test("HubbubClient tells how far its user has read before it goes", () => {
  const { world, client } = setUpClient([membership("lobby")]);
  client.markRead("lobby", 9);
  client.markRead("lobby", 10);
  client.close();
  assertEquals(world.socket.all("read").map(({ seq }) => seq), [9, 10]);
});

Deno.test("HubbubClient.memberships shows what is unread now", () => {
  const { world, client } = setUpClient([membership("lobby"), membership("tea")]);
  world.socket.say(said(11, "@ann hi"));
  const told = client.memberships.map(({ room, last, read, unread, mentions }) => {
    return [room, last, read, unread, mentions];
  });
  assertEquals(told, [["lobby", 11, 8, 3, 2], ["tea", 10, 8, 2, 1]]);
  client.markRead("tea");
  assertEquals(client.memberships[1]?.unread, 0);
});

Deno.test("HubbubClient does not count its user's messages on other devices as unread", () => {
  const { world, client } = setUpClient([membership("lobby", { unread: 0, read: 10 })]);
  world.socket.say(said(11, "from my phone", { from: "ann" }));
  assertEquals(client.unread("lobby").count, 0);
  world.socket.say(said(12, "by who has my name", { from: "ann", by: idOf("eve") }));
  assertEquals(client.unread("lobby").count, 1);
});

Deno.test("HubbubClient starts to count afresh when the server has other data", () => {
  const { world, client } = setUpClient([membership("lobby")]);
  world.socket.break();
  world.advance(500);
  world.socket.greet("e2");
  world.socket.welcome([said(1, "one")], false);
  assertEquals(client.unread("lobby"), { read: 1, count: 0, mentions: 0, line: 0 });
  world.socket.say(history([]), said(2, "two"));
  assertEquals(client.unread("lobby").count, 1);
});
