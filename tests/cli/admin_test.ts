import { join } from "node:path";
import { admin } from "../../cli/admin.ts";
import { COMMANDS } from "../../cli/commands.ts";
import { parseInput } from "../../cli/parse.ts";
import { saveSession } from "../../cli/session_file.ts";
import { beginSession } from "../../cli/session_request.ts";
import { StartError, UsageError } from "../../config/errors.ts";
import { Secret } from "../../config/secret.ts";
import {
  assertEquals,
  assertMatch,
  assertRejects,
  assertStringIncludes,
} from "../support/assert.ts";
import { startTestServer, type TestServer } from "../support/test_server.ts";
import { DEADLINE, within } from "../support/within.ts";
import { WsClient } from "../support/ws_client.ts";

/** A server with an admin who is logged in from a terminal. */
interface Desk {
  readonly server: TestServer;
  /** Runs the command; resolves to what it prints. */
  run(...args: string[]): Promise<string>;
  /** Somebody who chats as a guest. */
  guest(name: string, room?: string): Promise<WsClient>;
}

async function withDesk(test: (desk: Desk) => Promise<void>): Promise<void> {
  const dir = Deno.makeTempDirSync();
  const path = join(dir, "sessions.json");
  await using server = await startTestServer();
  try {
    const invite = new Secret(server.adminLink.split("=")[1] ?? "");
    saveSession(server.url, await beginSession(server.url, { name: "ruth", invite }), path);
    await test({
      server,
      run: (...args) =>
        admin(parseInput("admin", COMMANDS.admin, [...args, "--server", server.url], {}), path),
      async guest(name, room = "lobby") {
        const client = await WsClient.open(server.ws("/ws"), "hubbub.v1");
        client.send(JSON.stringify({ type: "login", content: name, room }));
        await next(client, "login");
        return client;
      },
    });
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

/** The next message of a type, as text. */
async function next(client: WsClient, type: string): Promise<string> {
  const frames = await client.until(new RegExp(`"type":"${type}"`));
  const lines = (frames.at(-1) ?? "").split("\n");
  return lines.find((line) => line.startsWith(`{"type":"${type}"`)) ?? "";
}

const read = (...args: string[]) => parseInput("admin", COMMANDS.admin, args, {});

Deno.test("hubbub admin lists connections, users and rooms, for people and for programs", () =>
  withDesk(async ({ run, guest }) => {
    await guest("bob", "den");
    const table = await run("connections");
    assertMatch(table, /^NUMBER {2}USER {2}ROLE {3}ADDRESS {4}SINCE .*\n1 .* bob .*guest.*den/);
    const [connection] = JSON.parse(await run("connections", "--json"));
    assertEquals([connection.user.name, connection.rooms], ["bob", ["den"]]);
    assertMatch(await run("users"), /\nbob .*guest .*\nruth .*admin/);
    assertEquals(JSON.parse(await run("users", "--search", "UT", "--json")).length, 1);
    assertEquals(JSON.parse(await run("users", "--limit", "1", "--json")).length, 1);
    assertMatch(await run("rooms"), /\nden +1 /);
    assertEquals(await run("bans"), "There are no bans.");
  }));

Deno.test("hubbub admin reads a list to its end, a page at a time", () =>
  withDesk(async ({ server, run }) => {
    for (let n = 0; n < 250; n++) {
      const init = { method: "POST", headers: { "content-type": "application/json" } };
      const body = JSON.stringify({ name: `guest ${n}` });
      const response = await fetch(new URL("/api/session", server.url), { ...init, body });
      assertEquals(response.status, 201);
      await response.body?.cancel();
    }
    assertEquals(JSON.parse(await run("users", "--json")).length, 251);
    assertEquals(JSON.parse(await run("users", "--limit", "220", "--json")).length, 220);
  }));

Deno.test("hubbub admin mutes, bans and lifts, and the audit log tells who did", () =>
  withDesk(async ({ run, guest }) => {
    const bob = await guest("bob");
    assertMatch(
      await run("mute", "bob", "--for", "10m", "--reason", "Calm down"),
      /^bob: mute until /,
    );
    bob.send(JSON.stringify({ type: "user", content: "spam", id: "1" }));
    const refusal = JSON.parse(await next(bob, "error"));
    assertEquals(refusal.code, "muted");
    assertStringIncludes(refusal.content, "Calm down");
    const [mute] = JSON.parse(await run("bans", "--json"));
    assertEquals([mute.kind, mute.label], ["mute", "bob"]);
    assertEquals(await run("unban", mute.id), `Lifted ${mute.id}`);
    await run("ban", "bob", "--reason", "spam");
    const end = await within(DEADLINE, "bob to be put out", bob.closed);
    assertEquals(end.code, 4505);
    await run("ban", "198.51.100.0/24", "--for", "7d");
    await run("ban", "spammer", "--name");
    const bans = JSON.parse(await run("bans", "--json"));
    assertEquals(bans.map((ban: { label: string }) => ban.label), [
      "spammer",
      "198.51.100.0/24",
      "bob",
    ]);
    const audit = JSON.parse(await run("audit", "--json"));
    const acts = audit.map(({ act, name }: { act: string; name: string }) => `${name} ${act}`);
    assertEquals(acts.slice(0, 5), ["ruth ban", "ruth ban", "ruth ban", "ruth lift", "ruth mute"]);
    assertMatch(await run("audit", "--limit", "1"), /^NUMBER .*\n\d+ .*ruth .*ban .*spammer/);
  }));

Deno.test("hubbub admin kicks, announces, deletes, closes and drains", () =>
  withDesk(async ({ run, guest }) => {
    const bob = await guest("bob");
    bob.send(JSON.stringify({ type: "user", content: "one" }));
    bob.send(JSON.stringify({ type: "user", content: "two" }));
    await next(bob, "user");
    assertEquals(await run("delete", "lobby", "1"), "Deleted 1 message");
    await next(bob, "delete");
    assertEquals(await run("delete", "--user", "bob"), "Deleted 1 message");
    assertEquals(await run("announce", "Back in a minute"), "Told everybody who is connected");
    assertStringIncludes(await next(bob, "system"), "Back in a minute");
    assertEquals(await run("kick", "bob", "--reason", "Enough"), "Closed 1 connection");
    assertEquals((await within(DEADLINE, "bob to be kicked", bob.closed)).code, 4505);
    assertMatch(await run("close", "den", "--for", "1h"), /^den: close until /);
    assertEquals(await run("drain", "--for", "0"), "The server sends its clients to another one");
    assertEquals(await run("drain", "--cancel"), "The server lets new clients in again");
  }));

Deno.test("hubbub admin says what the server refuses", () =>
  withDesk(async ({ run }) => {
    for (
      const [args, problem] of [
        [["kick", "nobody"], /no such user|there is no/i],
        [["ban", "ruth"], /Cannot ban: "ruth" is an admin/],
        [["unban", "nothing"], /Cannot lift: /],
        [["delete", "lobby", "9"], /Cannot delete: /],
      ] as const
    ) {
      const error = await assertRejects(() => run(...args), StartError);
      assertMatch(error.message, problem);
    }
  }));

Deno.test("hubbub admin tells who is no admin how to become one, and who is not logged in to log in", async () => {
  const dir = Deno.makeTempDirSync();
  const path = join(dir, "sessions.json");
  await using server = await startTestServer();
  try {
    const input = read("users", "--server", server.url);
    const absent = await assertRejects(() => admin(input, path), StartError);
    assertStringIncludes(absent.message, "run hubbub login");
    saveSession(server.url, await beginSession(server.url, { name: "bob" }), path);
    const guest = await assertRejects(() => admin(input, path), StartError);
    assertStringIncludes(guest.message, "hubbub invite --role admin");
    saveSession(
      server.url,
      { session: new Secret("x".repeat(43)), user: { id: "u", name: "n" } },
      path,
    );
    const ended = await assertRejects(() => admin(input, path), StartError);
    assertStringIncludes(ended.message, "log in again with hubbub login");
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
});

Deno.test("hubbub admin refuses what means nothing, before it asks anybody", async () => {
  for (
    const [args, problem] of [
      [["mut"], "did you mean mute?"],
      [["mute"], "Missing argument USER"],
      [["mute", "bob", "ann"], "Surplus argument"],
      [["users", "bob"], "users takes no argument"],
      [["kick", "bob", "--for", "1h"], "Cannot use --for with kick"],
      [["mute", "bob", "--name"], "Cannot use --name with mute"],
      [["announce", "hi", "--cancel"], "Cannot use --cancel with announce"],
    ] as const
  ) {
    const error = await assertRejects(() => admin(read(...args), ""), UsageError);
    assertStringIncludes(error.message, problem);
  }
});
