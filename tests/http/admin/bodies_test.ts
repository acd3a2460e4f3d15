/** What is wrong with a request of an admin, and what is said of it. */
import { assertEquals, assertStringIncludes } from "../../support/assert.ts";
import { withAdmin } from "./harness.ts";

const LONG = "x".repeat(513);

/** A request, the status and code that it is answered with, and what the answer says. */
const WRONG: readonly (readonly [line: string, body: unknown, code: string, text: string])[] = [
  ["POST mute", {}, "422 bad_message", "Cannot mute: user is missing; it must be a string"],
  ["POST mute", "{", "400 bad_json", "Cannot mute: the body must be one JSON object"],
  ["POST mute", [], "422 bad_message", "Cannot mute: the body must be an object"],
  ["POST mute", { user: 7 }, "422 bad_message", "user must be a string of 1 to 129 characters"],
  ["POST mute", { user: "zoe" }, "404 no_such_user", 'there is nobody called "zoe"'],
  ["POST mute", { user: "@zoe" }, "404 no_such_user", 'there is nobody called "@zoe"'],
  ["POST mute", { user: "ann" }, "403 forbidden", '"ann" is an admin; make it a member first'],
  ["POST mute", { user: "dan" }, "403 forbidden", 'Cannot mute: "dan" is an admin'],
  [
    "POST mute",
    { user: "ben", for: 60 },
    "422 bad_message",
    "for must be a string of 1 to 64 characters of well-formed Unicode, received 60",
  ],
  [
    "POST mute",
    { user: "ben", for: "soon" },
    "422 bad_message",
    "for must be a duration from 1s to 36500d (a whole number with ms, s, m, h or d, such as 20s)",
  ],
  ["POST mute", { user: "ben", for: "soon" }, "422 bad_message", 'received "soon"'],
  ["POST mute", { user: "ben", for: "36501d" }, "422 bad_message", "to 36500d"],
  ["POST mute", { user: "ben", for: "1ms" }, "422 bad_message", "from 1s"],
  ["POST mute", { user: "ben", reason: 1 }, "422 bad_message", "reason must be one line"],
  ["POST mute", { user: "ben", reason: "a\nb" }, "422 bad_message", "reason must be one line"],
  ["POST mute", { user: "ben", reason: LONG }, "422 too_long", "at most 512 bytes"],
  [
    "POST bans",
    {},
    "422 bad_message",
    "Cannot ban: exactly one of user, name, address must be there, received none",
  ],
  [
    "POST bans",
    { user: "ben", address: "192.0.2.1" },
    "422 bad_message",
    "received user and address",
  ],
  ["POST bans", { user: "ann" }, "403 forbidden", '"ann" is an admin'],
  ["POST bans", { name: "ann" }, "403 forbidden", '"ann" is an admin'],
  ["POST bans", { name: " ben" }, "400 bad_name", "must not begin or end with white space"],
  ["POST bans", { name: "" }, "422 bad_message", "name must be a string of 1 to 128"],
  ["POST bans", { address: "localhost" }, "422 bad_message", "an IP address or a network"],
  ["POST bans", { address: "192.0.2.1/33" }, "422 bad_message", 'received "192.0.2.1/33"'],
  ["POST bans", { address: "1".repeat(65) }, "422 bad_message", "1 to 64 characters"],
  ["POST bans", { address: "127.0.0.0/8" }, "403 forbidden", "which you use yourself"],
  ["POST close", {}, "422 bad_message", "Cannot close: room is missing; it must be a string"],
  ["POST close", { room: "Spam" }, "400 bad_room", "room must have 1 to 64 of a-z"],
  ["POST close", { room: "@ben" }, "400 bad_room", "room must have 1 to 64 of a-z"],
  [
    "POST kick",
    {},
    "422 bad_message",
    "Cannot kick: exactly one of user, connection must be there, received none",
  ],
  ["POST kick", { user: "zoe" }, "404 no_such_user", 'there is nobody called "zoe"'],
  ["POST kick", { user: "dan" }, "403 forbidden", '"dan" is an admin'],
  ["POST kick", { user: "ann" }, "403 forbidden", '"ann" is an admin'],
  ["POST kick", { connection: 1 }, "403 forbidden", '"ann" is an admin'],
  ["POST kick", { connection: 0 }, "422 bad_message", "an integer of at least 1, received 0"],
  ["POST kick", { connection: 99 }, "404 no_such_user", "there is no connection number 99"],
  [
    "POST delete",
    {},
    "422 bad_message",
    "Cannot delete: exactly one of room, user must be there, received none",
  ],
  ["POST delete", { room: "lobby" }, "422 bad_message", "seq is missing"],
  ["POST delete", { room: "lobby", seq: 1.5 }, "422 bad_message", "received 1.5"],
  ["POST delete", { room: "nowhere", seq: 1 }, "404 no_such_room", "nothing was ever said"],
  ["POST delete", { user: "zoe" }, "404 no_such_user", 'there is nobody called "zoe"'],
  ["POST announce", {}, "422 bad_message", "Cannot announce: content is missing"],
  ["POST announce", { content: "" }, "422 bad_message", "content must be a non-empty string"],
  ["POST announce", { content: "x".repeat(2049) }, "422 too_long", "at most 2048 bytes"],
  ["POST drain", { for: "2h" }, "422 bad_message", "for must be a duration from 1s to 1h"],
  ["DELETE bans/none", undefined, "404", "there is no ban, mute or closed room with this id"],
  ["GET users?limit=0", undefined, "400 bad_message", "limit must be an integer from 1 to 200"],
  ["GET users?limit=201", undefined, "400 bad_message", "Cannot list users: limit must be"],
  ["GET users?content=", undefined, "400 bad_message", "content must be a string of 1 to 128"],
  ["GET rooms?limit=x", undefined, "400 bad_message", "Cannot list rooms: limit must be"],
  ["GET connections?after=x", undefined, "400 bad_message", "after must be an integer"],
  ["GET connections?limit=-1", undefined, "400 bad_message", "received -1"],
  ["GET audit?before=-1", undefined, "400 bad_message", "Cannot read the audit log: before must"],
];

Deno.test("routes for admins say what is wrong with a request, and do nothing then", () =>
  withAdmin(async (harness) => {
    await harness.enter("ben", "member");
    await harness.enter("dan", "admin");
    for (const [line, body, code, text] of WRONG) {
      const [method, path] = line.split(" ");
      const response = await harness.ask(`${method} /api/admin/${path}`, body);
      const problem = await response.json();
      const what = `${line} ${JSON.stringify(body)}: ${problem.detail}`;
      assertEquals([problem.status, problem.code ?? ""].join(" ").trim(), code, what);
      assertStringIncludes(problem.detail, text, what);
    }
    const { bans } = await harness.get("GET /api/admin/bans");
    assertEquals([bans, harness.drains], [[], []]);
    // Only the hub knows that there is no such message.
    const acts = await harness.audit();
    assertEquals(acts.map((act) => act.split(" ")[0]), ["delete", "delete"]);
  }));

Deno.test("routes for admins take JSON only", () =>
  withAdmin(async (harness) => {
    const { status } = await harness.fetch("/api/admin/announce", {
      method: "POST",
      body: "content=hello",
      headers: { authorization: `Bearer ${harness.admin.session}` },
    });
    assertEquals(status, 415);
    assertEquals(await harness.audit(), []);
  }));
