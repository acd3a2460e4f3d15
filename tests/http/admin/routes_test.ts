/** Who may use the routes below /api/admin/, and what the audit log says afterwards. */
import { assertEquals, assertMatch, assertStringIncludes } from "../../support/assert.ts";
import { CapturedLogs } from "../../support/captured_logs.ts";
import { bearer, cookie, problemOf, SECRET } from "../harness.ts";
import { type AdminHarness, idOf, withAdmin } from "./harness.ts";

/** Every route with a body that it takes. */
const ROUTES: readonly (readonly [line: string, body?: object])[] = [
  ["GET /api/admin/connections"],
  ["GET /api/admin/users"],
  ["GET /api/admin/rooms"],
  ["GET /api/admin/audit"],
  ["GET /api/admin/bans"],
  ["POST /api/admin/bans", { address: "198.51.100.0/24" }],
  ["DELETE /api/admin/bans/ID"],
  ["POST /api/admin/mute", { user: "ben" }],
  ["POST /api/admin/close", { room: "spam" }],
  ["POST /api/admin/kick", { user: "ben" }],
  ["POST /api/admin/delete", { user: "ben" }],
  ["POST /api/admin/announce", { content: "hello" }],
  ["POST /api/admin/drain", { for: "1m" }],
  ["DELETE /api/admin/drain"],
];

Deno.test("routes for admins are 401 for nobody, and 403 for guests, members and bots", () =>
  withAdmin(async (harness) => {
    const ben = await harness.enter("ben", "guest");
    const cid = await harness.enter("cid", "member");
    for (const [line, body] of ROUTES) {
      const ask = async (headers: HeadersInit) =>
        await problemOf(await harness.ask(line, body, headers));
      assertEquals(await ask({}), [401, "unauthorized"], line);
      for (const who of [ben, cid, SECRET]) {
        assertEquals(await ask(bearer(who)), [403, "forbidden"], line);
      }
    }
    assertEquals(await harness.audit(), []);
  }));

Deno.test("routes for admins take nothing from pages of other sites", () =>
  withAdmin(async (harness) => {
    await harness.enter("ben", "member");
    const foreign = [
      { ...cookie(harness.admin), origin: "https://evil.example" },
      { ...cookie(harness.admin), "sec-fetch-site": "cross-site" },
      { ...cookie(harness.admin), "sec-fetch-site": "same-site" },
    ];
    for (const [line, body] of ROUTES) {
      for (const headers of foreign) {
        const response = await harness.ask(line, body, headers);
        assertEquals(await problemOf(response), [403, "forbidden"], line);
      }
    }
    assertEquals(await harness.audit(), []);
    assertEquals(harness.drains, []);
  }));

Deno.test("routes for admins take the page's own cookie", () =>
  withAdmin(async (harness) => {
    const headers = { ...cookie(harness.admin), "sec-fetch-site": "same-origin" };
    const response = await harness.ask("POST /api/admin/announce", { content: "hi" }, headers);
    assertEquals(response.status, 204);
  }));

Deno.test("routes for admins write what was done to the audit log, and one line to the log", () =>
  withAdmin(async (harness) => {
    using logs = new CapturedLogs();
    const ben = await harness.enter("ben", "member");
    const id = await idOf(harness, "ben");
    ben.say("buy this");
    await ben.next("user");
    await harness.get("POST /api/admin/mute", { user: "ben", for: "90m", reason: "calm down" });
    const { id: ban } = await harness.get("POST /api/admin/bans", { address: "198.51.100.7" });
    await harness.get(`DELETE /api/admin/bans/${ban}`);
    await harness.get("POST /api/admin/bans", { name: "Adm1n", for: "0" });
    await harness.get("POST /api/admin/close", { room: "spam", for: "7d" });
    await harness.get("POST /api/admin/delete", { room: "lobby", seq: 1 });
    await harness.get("POST /api/admin/delete", { user: `@${id}` });
    await harness.get("POST /api/admin/announce", { content: "back soon" });
    await harness.get("POST /api/admin/kick", { user: "ben", reason: "spam" });
    await harness.get("POST /api/admin/drain", { for: "1m" });
    await harness.get("DELETE /api/admin/drain");
    const acts = [
      [`mute`, `ben (@${id})`, "for 90m: calm down"],
      ["ban", "198.51.100.7", "for ever"],
      ["lift", "198.51.100.7", "ban"],
      ["ban", "Adm1n", "for ever"],
      ["close", "spam", "for 7d"],
      ["delete", "lobby/1", ""],
      ["delete", `ben (@${id})`, "everything that was said"],
      ["announce", "", "back soon"],
      ["kick", `ben (@${id})`, "spam"],
      ["drain", "", "for 1m"],
      ["end drain", "", ""],
    ];
    assertEquals(await harness.audit(), acts.map((act) => act.join(" ")));
    const { entries } = await harness.get("GET /api/admin/audit?limit=1");
    const admin = await idOf(harness, "ann");
    const [{ time, ...entry }] = entries as [Record<string, unknown>];
    assertEquals(typeof time, "number");
    const rest = { act: "end drain", target: "", detail: "" };
    assertEquals(entry, { number: acts.length, by: admin, name: "ann", ip: "127.0.0.1", ...rest });
    const lines = logs.lines.filter((line) => line.startsWith(`info: Admin ${admin}: `));
    assertEquals(lines.length, acts.length);
    for (const [index, [act]] of acts.entries()) {
      assertStringIncludes(lines[index] ?? "", `: ${act} `);
    }
    // Users are told apart by their ids.
    assertEquals(lines.filter((line) => /ben|Adm1n/.test(line)), []);
    assertStringIncludes(lines[0] ?? "", `@${id}`);
  }));

Deno.test("the audit log says whose connection was kicked, by number", () =>
  withAdmin(async (harness) => {
    using logs = new CapturedLogs();
    const ben = await harness.enter("ben", "member", "198.51.100.7");
    const stranger = harness.hub.connect({ ip: "" });
    await harness.hub.settled();
    const [first, second] = [ben.connection.number, stranger.connection.number];
    for (const connection of [first, second]) {
      await harness.get("POST /api/admin/kick", { connection, reason: "spam" });
    }
    const id = await idOf(harness, "ben");
    assertEquals(await harness.audit(), [
      `kick #${first} 198.51.100.7 ben (@${id}) spam`,
      `kick #${second} spam`,
    ]);
    const lines = logs.lines.filter((line) => line.includes(": kick "));
    assertEquals(lines.map((line) => line.split(": kick ")[1]), [
      `#${first} @${id}`,
      `#${second}`,
    ]);
  }));

Deno.test("routes for admins that only look leave no trace in the audit log", () =>
  withAdmin(async (harness) => {
    for (const [line] of ROUTES.filter(([line]) => line.startsWith("GET"))) await harness.get(line);
    assertEquals(await harness.audit(), []);
  }));

Deno.test("an act that fails is in the audit log as one that has failed, in the log without a room", () =>
  withAdmin(async (harness: AdminHarness) => {
    using logs = new CapturedLogs();
    harness.admin.say("hello");
    await harness.admin.next("user");
    const response = await harness.ask("POST /api/admin/delete", { room: "lobby", seq: 9 });
    assertEquals(await problemOf(response), [422, "no_such_message"]);
    const [tried, failed = ""] = await harness.audit();
    assertEquals(tried, "delete lobby/9 ");
    assertMatch(failed, /^delete lobby\/9 failed, see 1: Cannot delete/);
    await harness.ask("POST /api/admin/delete", { room: "a-secret", seq: 1 });
    const lines = logs.lines.filter((line) => line.startsWith("warning: Admin "));
    assertEquals(lines.map((line) => line.split(": ").slice(2).join(": ")), [
      "delete failed: no_such_message",
      "delete failed: no_such_room",
    ]);
  }));
