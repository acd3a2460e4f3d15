import { type AllowedPages, checkUpgrade } from "../../server/handshake.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";

const KNOWN = ["hubbub.v1", "hubbub.text.v1"];
const NONE: AllowedPages = { allowOrigins: { kind: "listed", origins: new Set() } };

/** A right handshake, with some headers changed, or left out where `null`. */
function request(changes: Record<string, string | null> = {}, method = "GET"): Request {
  const headers = new Headers({
    host: "chat.example.org",
    upgrade: "websocket",
    connection: "Upgrade",
    "sec-websocket-version": "13",
    "sec-websocket-key": "dGhlIHNhbXBsZSBub25jZQ==",
  });
  for (const [name, value] of Object.entries(changes)) {
    if (value === null) headers.delete(name);
    else headers.set(name, value);
  }
  return new Request("http://chat.example.org/ws", { method, headers });
}

async function refusal(
  wrong: Request,
  { allowed = NONE, known = KNOWN }: { allowed?: AllowedPages; known?: string[] } = {},
): Promise<{ status: number; headers: Headers; text: string }> {
  const response = checkUpgrade(wrong, allowed, known);
  assert(response instanceof Response, "was let in");
  return { status: response.status, headers: response.headers, text: await response.text() };
}

Deno.test("checkUpgrade() lets a right handshake in, whatever the letter case", () => {
  assertEquals(checkUpgrade(request(), NONE, KNOWN), {});
  const browser = request({ upgrade: "WebSocket", connection: "keep-alive, UPGRADE" });
  assertEquals(checkUpgrade(browser, NONE, KNOWN), {});
});

Deno.test("checkUpgrade() refuses other methods with 405 and Allow", async () => {
  for (const method of ["POST", "PUT", "DELETE", "HEAD", "OPTIONS"]) {
    const { status, headers, text } = await refusal(request({}, method));
    assertEquals([status, headers.get("allow")], [405, "GET"]);
    assertStringIncludes(text, `received ${method}`);
  }
});

Deno.test("checkUpgrade() answers a plain GET with 426 and what to upgrade to", async () => {
  for (const changes of [{ upgrade: null }, { upgrade: "h2c" }, { connection: "keep-alive" }]) {
    const { status, headers } = await refusal(request({ ...changes }));
    assertEquals(status, 426);
    assertEquals([headers.get("upgrade"), headers.get("connection")], ["websocket", "upgrade"]);
  }
});

Deno.test("checkUpgrade() refuses other versions with 426 and the one it knows", async () => {
  for (const version of [null, "8", "14", "13, 8", ""]) {
    const { status, headers } = await refusal(request({ "sec-websocket-version": version }));
    assertEquals([status, headers.get("sec-websocket-version")], [426, "13"]);
  }
});

Deno.test("checkUpgrade() refuses keys that are not 16 bytes in base64", async () => {
  for (const key of [null, "", "short", "dGhlIHNhbXBsZSBub25jZQ", "!GhlIHNhbXBsZSBub25jZQ=="]) {
    assertEquals((await refusal(request({ "sec-websocket-key": key }))).status, 400);
  }
});

Deno.test("checkUpgrade() lets pages of the server's own host in, behind a proxy with TLS too", () => {
  for (
    const [origin, host] of [
      ["http://chat.example.org", "chat.example.org"],
      ["https://chat.example.org", "chat.example.org"],
      ["https://chat.example.org", "chat.example.org:443"],
      ["http://CHAT.example.org:8080", "chat.example.org:8080"],
      ["http://[::1]:8080", "[::1]:8080"],
    ] as const
  ) assertEquals(checkUpgrade(request({ origin, host }), NONE, KNOWN), {});
});

Deno.test("checkUpgrade() refuses pages of other origins, unless they are allowed", async () => {
  const foreign = [
    "http://evil.example.org",
    "http://chat.example.org:8080",
    "http://chat.example.org.evil.net",
    "null",
    "nonsense",
    "",
  ];
  for (const origin of foreign) {
    assertEquals((await refusal(request({ origin }))).status, 403);
    assertEquals(checkUpgrade(request({ origin }), { allowOrigins: { kind: "any" } }, KNOWN), {});
  }
  const allowed: AllowedPages = {
    allowOrigins: { kind: "listed", origins: new Set(["https://a.example"]) },
    publicUrl: "https://b.example/chat/",
  };
  assertEquals(checkUpgrade(request({ origin: "https://b.example" }), allowed, KNOWN), {});
  assertEquals((await refusal(request({ origin: "http://b.example" }), { allowed })).status, 403);
  assertEquals(checkUpgrade(request({ origin: "https://a.example" }), allowed, KNOWN), {});
  assertEquals((await refusal(request({ origin: "http://a.example" }), { allowed })).status, 403);
  assertEquals((await refusal(request({ origin: "http://x", host: null }))).status, 403);
});

Deno.test("checkUpgrade() chooses the first known subprotocol in the client's order", () => {
  const choose = (offered: string) =>
    checkUpgrade(request({ "sec-websocket-protocol": offered }), NONE, KNOWN);
  assertEquals(choose("hubbub.v1"), { subprotocol: "hubbub.v1" });
  assertEquals(choose("new.v9,hubbub.text.v1, hubbub.v1"), { subprotocol: "hubbub.text.v1" });
  assertEquals(choose(""), {});
  assertEquals(choose(" , "), {});
});

Deno.test("checkUpgrade() refuses only unknown subprotocols with the list of those it knows", async () => {
  const wrong = request({ "sec-websocket-protocol": "hubbub.v2, HUBBUB.V1" });
  const { status, text } = await refusal(wrong);
  assertEquals(status, 400);
  assertStringIncludes(text, "hubbub.v1, hubbub.text.v1");
  assertStringIncludes((await refusal(wrong, { known: [] })).text, "none");
});

Deno.test("checkUpgrade() never selects or repeats a credential in the list of subprotocols", async () => {
  const choose = (offered: string) =>
    checkUpgrade(request({ "sec-websocket-protocol": offered }), NONE, KNOWN);
  assertEquals(choose("bearer.abc"), {});
  assertEquals(choose("bearer.a.b, hubbub.v1"), { subprotocol: "hubbub.v1" });
  const wrong = request({ "sec-websocket-protocol": "bearer.abc, unknown" });
  const { status, text } = await refusal(wrong);
  assertEquals(status, 400);
  assert(!text.includes("abc"), "the credential was repeated");
});
