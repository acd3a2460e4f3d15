/** Who may fetch a file, and what their browser may keep of it. */
import { assertEquals } from "../../support/assert.ts";
import { directRoom, type FileInfo } from "../../../protocol.ts";
import { announce } from "../../files/harness.ts";
import { bearer, problemOf } from "../harness.ts";
import { cookie, type FileApp, withFileApp } from "./harness.ts";

const DIGITS = "0123456789";

/** Runs a test with a file of `ann`'s in the private room `secret`, whose members are `ann` and `bob`. */
function withSecret(
  run: (app: FileApp, file: FileInfo) => Promise<void>,
  options = {},
): Promise<void> {
  return withFileApp(async (app) => {
    app.login("cid");
    app.access.members.set("secret", new Set(["ann", "bob"]));
    await run(app, await app.announce(DIGITS, { room: "secret" }));
  }, options);
}

Deno.test("GET /files serves a file of a public room to everybody", () =>
  withFileApp(async (app) => {
    const file = await app.announce(DIGITS);
    assertEquals(await app.statuses(file, "", "ann", "bob", "unknown"), [200, 200, 200, 200]);
  }));

Deno.test("GET /files serves a file that is in no room to its uploader only", () =>
  withFileApp(async (app) => {
    const file = await app.upload("ann", DIGITS);
    assertEquals(await app.statuses(file, "", "ann", "bob"), [404, 200, 404]);
  }));

Deno.test("GET /files serves a file of a private room to its members and its uploader only", () =>
  withSecret(async (app, file) => {
    assertEquals(await app.statuses(file, "", "ann", "bob", "cid"), [404, 200, 200, 404]);
    app.access.members.set("secret", new Set(["cid"]));
    assertEquals(await app.statuses(file, "", "ann", "bob", "cid"), [404, 200, 404, 200]);
  }));

Deno.test("GET /files serves a file of a direct conversation to its two users only", () =>
  withFileApp(async (app) => {
    app.login("cid");
    const file = await app.announce(DIGITS, { room: directRoom("ann", "bob") });
    assertEquals(await app.statuses(file, "", "ann", "bob", "cid"), [404, 200, 200, 404]);
  }));

Deno.test("GET /files serves a file to whoever may read one of its rooms, until its message there is deleted", () =>
  withSecret(async (app, file) => {
    const { files } = app.harness;
    app.access.members.set("other", new Set(["cid"]));
    const seq = await announce(app.harness, file, { room: "other" });
    assertEquals(await app.statuses(file, "", "bob", "cid"), [404, 200, 200]);
    files.withdrawn("other", seq);
    assertEquals(await app.statuses(file, "", "bob", "cid"), [404, 200, 404]);
    files.withdrawn("secret", 1);
    assertEquals(await app.statuses(file, "", "ann", "bob", "cid"), [404, 404, 404, 404]);
  }));

Deno.test("GET /files keeps to the rooms that a token names, even of what is public", () =>
  withFileApp(async (app) => {
    app.login("app", "guest", ["support"]);
    const [lobby, support] = [
      await app.announce(DIGITS),
      await app.announce(DIGITS, { room: "support" }),
    ];
    assertEquals(await app.statuses(lobby, "app", "bob"), [404, 200]);
    assertEquals(await app.statuses(support, "app", "bob"), [200, 200]);
  }));

Deno.test("GET /files takes a session in the cookie and in Authorization", () =>
  withSecret(async (app, { url }) => {
    for (const headers of [cookie("bob"), bearer("bob")]) {
      assertEquals(await (await app.fetch(url, { headers })).text(), DIGITS);
    }
  }));

Deno.test("GET /files answers the same, after the same questions, to a file that is not there and one that is not allowed", () =>
  withSecret(async (app, { id, url }) => {
    const headers = cookie("cid");
    const answers = [];
    for (const path of [url, `/files/${id}/wrong.txt`, `/files/${"x".repeat(24)}/a.txt`]) {
      app.access.asked = [];
      const response = await app.fetch(path, { headers });
      const fields = [...response.headers];
      answers.push({ fields, body: await response.text(), questions: app.access.asked.length });
    }
    assertEquals(answers[0]?.questions, 2);
    assertEquals(answers.slice(1), [answers[0], answers[0]]);
    assertEquals(new Map(answers[0]?.fields).get("cache-control"), "no-store");
  }));

Deno.test("GET /files has a browser ask again for a file that is not in a public room", () =>
  withSecret(async (app, file) => {
    const unannounced = await app.upload("ann", DIGITS);
    for (const { url } of [file, unannounced]) {
      const { headers, body } = await app.fetch(url, { headers: cookie("ann") });
      await body?.cancel();
      assertEquals(headers.get("cache-control"), "private, no-cache");
      assertEquals(headers.get("vary"), "Cookie, Authorization");
      assertEquals(headers.get("etag"), `"${file.sha256}"`);
      assertEquals(headers.get("cross-origin-resource-policy"), "same-origin");
    }
    await announce(app.harness, file, { room: "lobby" });
    const { headers, body } = await app.fetch(file.url, { headers: cookie("ann") });
    await body?.cancel();
    assertEquals(headers.get("cache-control"), "private, immutable, max-age=31536000");
    assertEquals(headers.get("vary"), null);
    assertEquals(headers.get("cross-origin-resource-policy"), "cross-origin");
  }, { crossOrigin: true }));

Deno.test("GET /files answers 304 only to whoever may fetch the file", () =>
  withSecret(async (app, { url, sha256 }) => {
    const ask = (user: string) =>
      app.fetch(url, { headers: { ...cookie(user), "if-none-match": `"${sha256}"` } });
    const allowed = await ask("bob");
    assertEquals([allowed.status, await allowed.text()], [304, ""]);
    assertEquals(allowed.headers.get("cache-control"), "private, no-cache");
    assertEquals(allowed.headers.get("vary"), "Cookie, Authorization");
    assertEquals(await problemOf(await ask("cid")), [404, undefined]);
    app.access.members.set("secret", new Set(["ann"]));
    assertEquals(await problemOf(await ask("bob")), [404, undefined]);
  }));

const REQUESTS: readonly [
  what: string,
  init: { method?: string; headers: Record<string, string> },
  status: number,
  body: string,
][] = [
  ["a range", { headers: { range: "bytes=2-5" } }, 206, "2345"],
  ["a range with If-Range", { headers: { range: "bytes=2-5", "if-range": "ETAG" } }, 206, "2345"],
  ["a range of another version", { headers: { range: "bytes=2-5", "if-range": "x" } }, 200, DIGITS],
  ["a range beyond the end", { headers: { range: "bytes=10-" } }, 416, ""],
  ["HEAD", { method: "HEAD", headers: {} }, 200, ""],
];

for (const [what, { headers, ...init }, status, body] of REQUESTS) {
  Deno.test(`GET /files answers ${what} only to whoever may fetch the file`, () =>
    withSecret(async (app, { url, sha256 }) => {
      const ask = (user: string) => {
        const fields = new Headers({ ...headers, ...cookie(user) });
        if (headers["if-range"] === "ETAG") fields.set("if-range", `"${sha256}"`);
        return app.fetch(url, { ...init, headers: fields });
      };
      const allowed = await ask("bob");
      const text = await allowed.text();
      assertEquals([allowed.status, status === 416 ? "" : text], [status, body]);
      const denied = await ask("cid");
      await denied.body?.cancel();
      assertEquals([denied.status, denied.headers.get("content-range")], [404, null]);
      assertEquals(denied.headers.get("etag"), null);
    }));
}
