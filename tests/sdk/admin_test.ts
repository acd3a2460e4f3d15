import { Admin } from "../../sdk/admin.js";
import { RefusedError } from "../../sdk/errors.js";
import { assertEquals, assertRejects } from "../support/assert.ts";

/** The administration of a server that gives these answers, and what it was asked. */
function setUp(...answers: Response[]) {
  const asked: [method: string, url: string, body: string, authorization: string | null][] = [];
  const fetch = async (input: RequestInfo | URL, init?: RequestInit) => {
    const request = new Request(input, init);
    const { method, url, headers } = request;
    asked.push([method, url, await request.text(), headers.get("authorization")]);
    return answers.shift() ?? new Response(null, { status: 500 });
  };
  return { admin: new Admin("https://h/chat/", { session: "secret", fetch }), asked };
}

const NOTHING = () => new Response(null, { status: 204 });

Deno.test("Admin reads lists, a page at a time", async () => {
  const page = { complete: true };
  const { admin, asked } = setUp(
    Response.json({ ...page, connections: [] }),
    Response.json({ ...page, users: [] }),
    Response.json({ ...page, rooms: [] }),
    Response.json({ ...page, entries: [] }),
    Response.json({ bans: [{ id: "s1" }] }),
  );
  assertEquals(await admin.connections({ after: 7, limit: 50 }), { ...page, connections: [] });
  await admin.users({ content: "a b" });
  await admin.rooms({ content: "" });
  await admin.audit({ before: 9 });
  assertEquals<unknown>(await admin.bans(), [{ id: "s1" }]);
  const base = "https://h/chat/api/admin/";
  assertEquals(asked.map(([method, url]) => `${method} ${url.slice(base.length)}`), [
    "GET connections?after=7&limit=50",
    "GET users?content=a+b",
    "GET rooms",
    "GET audit?before=9",
    "GET bans",
  ]);
  assertEquals(asked[0]?.[3], "Bearer secret");
});

Deno.test("Admin acts, and tells what came of it", async () => {
  const { admin, asked } = setUp(
    Response.json({ connections: 2 }),
    Response.json({ id: "s1", label: "bob" }, { status: 201 }),
    Response.json({ id: "s2", label: "192.0.2.1" }, { status: 201 }),
    Response.json({ id: "s3", label: "den" }, { status: 201 }),
    Response.json({ deleted: 3 }),
    NOTHING(),
    NOTHING(),
    NOTHING(),
    NOTHING(),
  );
  assertEquals(await admin.kick({ user: "bob", reason: "Enough" }), 2);
  assertEquals((await admin.mute({ user: "bob", for: "10m" })).id, "s1");
  assertEquals((await admin.ban({ address: "192.0.2.1" })).label, "192.0.2.1");
  assertEquals((await admin.close({ room: "den" })).label, "den");
  assertEquals(await admin.remove({ user: "bob" }), 3);
  await admin.announce("Back soon");
  await admin.lift("a/b");
  await admin.drain({ for: "30s" });
  await admin.endDrain();
  assertEquals(asked.map(([method, url, body]) => [method, url.split("/admin/")[1], body]), [
    ["POST", "kick", '{"user":"bob","reason":"Enough"}'],
    ["POST", "mute", '{"user":"bob","for":"10m"}'],
    ["POST", "bans", '{"address":"192.0.2.1"}'],
    ["POST", "close", '{"room":"den"}'],
    ["POST", "delete", '{"user":"bob"}'],
    ["POST", "announce", '{"content":"Back soon"}'],
    ["DELETE", "bans/a%2Fb", ""],
    ["POST", "drain", '{"for":"30s"}'],
    ["DELETE", "drain", ""],
  ]);
});

Deno.test("Admin rejects with what the server says", async () => {
  const problem = { code: "forbidden", detail: "Cannot ban: no" };
  const { admin } = setUp(Response.json(problem, { status: 403 }));
  const error = await assertRejects(() => admin.ban({ user: "ruth" }), RefusedError);
  assertEquals([error.code, error.message], ["forbidden", "Cannot ban: no"]);
});
