/** What admins do to people who are connected to a real server, on both transports. */
import { assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import { Chatter } from "../../support/chatter.ts";
import { poll } from "../../support/within.ts";
import {
  Device,
  onEveryServer,
  onKeptServer,
  type PeopleServer,
} from "../../server/people_harness.ts";

/** Asks as an admin, and returns what is answered: it has to be a success. */
async function act(admin: Device, line: string, body?: object): Promise<Record<string, unknown>> {
  const [method, path] = line.split(" ");
  const answer = await admin.ask(`${method} /api/admin/${path}`, body);
  assertEquals(Math.floor(answer.status / 100), 2, `${line}: ${JSON.stringify(answer.body)}`);
  return answer.body;
}

/** What the audit log says was done, the oldest first. */
async function acts(admin: Device): Promise<string[]> {
  const { entries } = await act(admin, "GET audit");
  if (!Array.isArray(entries)) throw new Error("there are no entries");
  return entries.map(({ act }) => String(act)).reverse();
}

onEveryServer("lets an admin kick somebody, who may come back", async (server) => {
  const admin = await Device.admin(server, "ann");
  const ben = await Device.member(server, "ben");
  const [one, other] = [await ben.enter(), await ben.enter()];
  assertEquals(await act(admin, "POST kick", { user: "ben", reason: "spam" }), { connections: 2 });
  for (const connection of [one, other]) {
    assertEquals((await connection.socket.closed).code, 4505);
  }
  await using again = await ben.enter();
  const { connections } = await act(admin, "GET connections");
  if (!Array.isArray(connections)) throw new Error("there are no connections");
  const [{ number, user }] = connections;
  assertEquals(user.name, "ben");
  assertEquals(await act(admin, "POST kick", { connection: number }), { connections: 1 });
  assertEquals((await again.socket.closed).code, 4505);
  assertEquals(await acts(admin), ["kick", "kick"]);
});

onEveryServer("lets an admin ban a user for a time, and lift the ban", async (server) => {
  const admin = await Device.admin(server, "ann");
  const ben = await Device.member(server, "ben");
  await using connection = await ben.enter();
  const ban = { user: "ben", for: "1h", reason: "spam" };
  const { id, until, created } = await act(admin, "POST bans", ban);
  assertEquals(Number(until) - Number(created), 3_600_000);
  assertEquals((await connection.socket.closed).code, 4505);
  const { status, body } = await ben.ask("GET /api/session");
  assertEquals(status, 403);
  assertMatch(String(body["detail"]), /banned.*spam/);
  await act(admin, `DELETE bans/${id}`);
  await using _again = await ben.enter();
  assertEquals(await acts(admin), ["ban", "lift"]);
});

onEveryServer(
  "lets an admin ban a network",
  async (server) => {
    const admin = await Device.admin(server, "ann");
    const from = (ip: string) => ({ headers: { "x-forwarded-for": ip } });
    const stranger = new Device(server);
    await using chatter = await Chatter.connect(server.ws("/ws"), from("203.0.113.9"));
    await chatter.send({ type: "login", content: "ben" });
    await chatter.next("login");
    await act(admin, "POST bans", { address: "203.0.113.0/24", for: "7d" });
    assertEquals((await chatter.socket.closed).code, 4505);
    const status = (ip: string) => stranger.statusOf("GET /api/rooms", undefined, from(ip));
    assertEquals(await status("203.0.113.200"), "403 forbidden");
    assertEquals(await status("203.0.114.1"), "200");
  },
  "--trust-proxy",
  "127.0.0.1",
);

onEveryServer("lets an admin mute somebody, who may go on reading", async (server) => {
  const admin = await Device.admin(server, "ann");
  const ben = await Device.member(server, "ben");
  await using talk = await ben.enter();
  const { id } = await act(admin, "POST mute", { user: `@${ben.user.id}`, for: "10m" });
  const refused = await talk.ask({ type: "user", content: "hello" });
  assertEquals(refused.type === "error" && refused.code, "muted");
  const post = () => ben.statusOf("POST /api/rooms/lobby/messages", { content: "hello" });
  assertEquals(await post(), "403 muted");
  assertEquals((await talk.ask({ type: "history" })).type, "history");
  await act(admin, `DELETE bans/${id}`);
  assertEquals(await post(), "201");
});

onEveryServer("lets an admin delete a message, and all that somebody said", async (server) => {
  const admin = await Device.admin(server, "ann");
  const ben = await Device.member(server, "ben");
  await using talk = await ben.enter();
  for (const content of ["one", "two", "three"]) await talk.say(content);
  await ben.ask("POST /api/rooms/other/messages", { content: "four" });
  assertEquals(await act(admin, "POST delete", { room: "lobby", seq: 2 }), { deleted: 1 });
  const { seq, by } = await talk.next("delete");
  assertEquals([seq, by], [2, admin.user.id]);
  assertEquals(await act(admin, "POST delete", { user: "ben" }), { deleted: 3 });
  for (const room of ["lobby", "other"]) {
    const { body: { messages } } = await admin.ask(`GET /api/rooms/${room}/messages`);
    if (!Array.isArray(messages)) throw new Error("there are no messages");
    assertEquals(messages.filter(({ deleted }) => deleted !== true), []);
  }
  assertEquals(await act(admin, "POST delete", { user: "ben" }), { deleted: 0 });
});

onEveryServer("lets an admin announce something to everybody", async (server) => {
  const admin = await Device.admin(server, "ann");
  const ben = await Device.guest(server, "ben");
  await using one = await ben.enter({ room: "one" });
  await using other = await Chatter.enter(server.ws("/ws"), "cid", { room: "other" });
  await act(admin, "POST announce", { content: "back at 9" });
  for (const person of [one, other]) {
    assertStringIncludes((await person.next("system")).content, "back at 9");
  }
});

onEveryServer("lets an admin close a room, until it is opened again", async (server) => {
  const admin = await Device.admin(server, "ann");
  const ben = await Device.member(server, "ben");
  await using talk = await ben.enter({ room: "spam" });
  await talk.say("buy this", "spam");
  const { id } = await act(admin, "POST close", { room: "spam", reason: "enough" });
  await talk.next("logout", ({ room }) => room === "spam");
  const refused = await talk.ask({ type: "join", room: "spam" });
  assertEquals(refused.type === "error" && refused.code, "forbidden");
  assertEquals(await ben.statusOf("GET /api/rooms/spam/messages"), "403 forbidden");
  const { rooms } = await act(admin, "GET rooms?content=spam");
  if (!Array.isArray(rooms)) throw new Error("there are no rooms");
  assertEquals(rooms.map(({ room, online, closed }) => [room, online, closed]), [
    ["spam", 0, true],
  ]);
  await act(admin, `DELETE bans/${id}`);
  await talk.send({ type: "join", room: "spam" });
  await talk.next("login", ({ room }) => room === "spam");
  assertEquals(await acts(admin), ["close", "lift"]);
});

/** What holds of a server before and after it has started again. */
async function isKept(server: PeopleServer, admin: Device, banned: Device): Promise<void> {
  assertEquals(await banned.statusOf("GET /api/session"), "403 forbidden");
  const { bans } = await act(admin, "GET bans");
  if (!Array.isArray(bans)) throw new Error("there are no bans");
  assertEquals(
    new Set(bans.map(({ kind, label }) => `${kind} ${label}`)),
    new Set([
      "ban ben",
      "ban 203.0.113.0/24",
      "mute cid",
      "close spam",
    ]),
  );
  assertEquals(await acts(admin), ["ban", "ban", "mute", "close"]);
  const away = await new Device(server).statusOf("POST /api/session", { name: "ben" });
  assertEquals(away, "409 name_taken");
}

onKeptServer("keeps sanctions and the audit log over a restart", async (server) => {
  const admin = await Device.admin(server, "ann");
  const [ben, cid] = [await Device.member(server, "ben"), await Device.member(server, "cid")];
  await act(admin, "POST bans", { user: "ben" });
  await act(admin, "POST bans", { address: "203.0.113.0/24", for: "30d" });
  await act(admin, "POST mute", { user: "cid", for: "1d" });
  await act(admin, "POST close", { room: "spam" });
  await isKept(server, admin, ben);
  await server.restart();
  await isKept(server, admin, ben);
  assertEquals(
    await cid.statusOf("POST /api/rooms/lobby/messages", { content: "hello" }),
    "403 muted",
  );
});

onEveryServer("lifts a sanction by itself when its time is over", async (server) => {
  const admin = await Device.admin(server, "ann");
  const ben = await Device.member(server, "ben");
  await act(admin, "POST bans", { user: "ben", for: "1s" });
  const status = () => ben.statusOf("GET /api/session");
  await poll("the end of the ban", status, (seen) => seen === "200");
  assertEquals((await act(admin, "GET bans"))["bans"], []);
});
