/** POST /files, from the request to the stored file. */
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { bytesOnDisk } from "../../files/harness.ts";
import { bearer, problemOf } from "../harness.ts";
import { cookie, withFileApp } from "./harness.ts";

const HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

Deno.test("POST /files stores the body and answers with its description", () =>
  withFileApp(async (app) => {
    const response = await app.fetch("/files?name=a%20b.txt", {
      method: "POST",
      body: "hello",
      headers: { ...bearer("ann"), "content-type": "image/png" },
    });
    assertEquals(response.status, 201);
    const { id, ...rest } = await response.json();
    const url = `/files/${id}/a%20b.txt`;
    assertEquals(response.headers.get("location"), url);
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
    assertEquals(rest, { name: "a b.txt", size: 5, media_type: "text/plain", url, sha256: HELLO });
    assertEquals(app.harness.files.isFrom(id, "ann"), true);
  }));

Deno.test("POST /files takes the name from the query, else from Content-Disposition", () =>
  withFileApp(async (app) => {
    const disposition = "attachment; filename*=UTF-8''caf%C3%A9.txt";
    for (const [query, name] of [["", "café.txt"], ["?name=b.txt", "b.txt"]]) {
      const response = await app.fetch(`/files${query}`, {
        method: "POST",
        body: "hello",
        headers: { ...bearer("ann"), "content-disposition": disposition },
      });
      assertEquals((await response.json()).name, name);
    }
  }));

Deno.test("POST /files stores a file for the user of a cookie, a session or a token", () =>
  withFileApp(async (app) => {
    const { files } = app.harness;
    app.login("member", "member");
    app.login("build", "bot");
    for (
      const [user, headers] of [
        ["ann", cookie("ann")],
        ["bob", bearer("bob")],
        ["member", cookie("member")],
        ["build", bearer("build")],
      ] as const
    ) {
      const init = { method: "POST", body: "hello", headers };
      const response = await app.fetch("/files?name=a", init);
      const { id } = await response.json();
      assertEquals([response.status, files.isFrom(id, user)], [201, true]);
      assertEquals(files.isFrom(id, "somebody else"), false);
    }
  }));

Deno.test("POST /files requires a user", () =>
  withFileApp(async (app) => {
    const wrong = [{}, { authorization: "Bearer" }, { authorization: "Basic YTpi" }];
    for (const headers of [...wrong, bearer("unknown"), cookie("unknown")]) {
      const init = { method: "POST", body: "hello", headers };
      const response = await app.fetch("/files?name=a", init);
      assertEquals(response.headers.get("www-authenticate"), "Bearer");
      assertEquals(await problemOf(response), [401, "unauthorized"]);
    }
    assertEquals(await bytesOnDisk(app.harness.dir), []);
  }));

const REFUSED: readonly [what: string, status: number, code: string | undefined, request: {
  query?: string;
  body?: string;
  headers?: Record<string, string>;
}][] = [
  ["no name", 422, "bad_message", { query: "" }],
  ["an empty name", 422, "bad_message", { query: "?name=" }],
  ["a path", 422, "bad_message", { query: "?name=..%2Fetc%2Fpasswd" }],
  ["a path of Windows", 422, "bad_message", { query: "?name=a%5Cb" }],
  ["a control character", 422, "bad_message", { query: "?name=a%0Ab" }],
  ["a name of 256 bytes", 422, "bad_message", { query: `?name=${"a".repeat(256)}` }],
  ["no bytes", 422, "bad_message", { body: "" }],
  ["too many bytes", 413, "too_large", { body: "x".repeat(1001) }],
  ["a form", 415, undefined, { headers: { "content-type": "multipart/form-data; boundary=x" } }],
  ["a compressed body", 415, undefined, { headers: { "content-encoding": "gzip" } }],
];

for (const [what, status, code, { query = "?name=a", body = "hello", headers = {} }] of REFUSED) {
  Deno.test(`POST /files refuses ${what} with ${status}`, () =>
    withFileApp(async (app) => {
      const response = await app.fetch(`/files${query}`, {
        method: "POST",
        body,
        headers: { ...bearer("ann"), ...headers },
      });
      assertEquals(await problemOf(response), [status, code]);
      assertEquals(await bytesOnDisk(app.harness.dir), []);
    }));
}

Deno.test("POST /files refuses a Content-Length that is too large before it reads the body", () =>
  withFileApp(async (app) => {
    let reads = 0;
    const body = new ReadableStream({ pull: () => void reads++ }, { highWaterMark: 0 });
    const headers = { ...bearer("ann"), "content-length": "1001" };
    const response = await app.fetch("/files?name=a", { method: "POST", body, headers });
    assertEquals([...await problemOf(response), reads], [413, "too_large", 0]);
  }));

Deno.test("POST /files is disabled by a limit of 0", () =>
  withFileApp(async (app) => {
    const init = { method: "POST", body: "hello", headers: bearer("ann") };
    assertEquals(await problemOf(await app.fetch("/files?name=a", init)), [403, "forbidden"]);
  }, { maxFile: 0 }));

Deno.test("POST /files lets one user upload four files at a time, on all devices together", () =>
  withFileApp(async (app) => {
    const uploads: { finish(): Promise<Response> }[] = [];
    const start = async (headers: HeadersInit) => {
      const reading = Promise.withResolvers<ReadableStreamDefaultController>();
      const body = new ReadableStream({ pull: reading.resolve }, { highWaterMark: 0 });
      const answer = app.fetch("/files?name=a", { method: "POST", body, headers });
      const controller = await reading.promise;
      const finish = () => {
        controller.enqueue(new TextEncoder().encode("hello"));
        controller.close();
        return answer;
      };
      uploads.push({ finish });
    };
    const isRefused = async () => {
      const init = { method: "POST", body: "hello", headers: bearer("ann") };
      const response = await app.fetch("/files?name=a", init);
      assertMatch(response.headers.get("retry-after") ?? "", /^\d+$/);
      assertEquals(await problemOf(response), [429, "rate_limited"]);
    };
    for (const headers of [cookie("ann"), bearer("ann"), cookie("ann"), bearer("ann")]) {
      await start(headers);
    }
    await isRefused();
    await app.upload("bob", "hello");
    for (const { finish } of uploads.splice(0, 3)) assertEquals((await finish()).status, 201);
    // One upload is still in progress; the refused one does not count.
    for (let more = 0; more < 3; more++) await start(cookie("ann"));
    await isRefused();
    for (const { finish } of uploads) assertEquals((await finish()).status, 201);
    await app.upload("ann", "hello");
  }));

Deno.test("POST /files answers 507 when the disk is full", () =>
  withFileApp(async (app) => {
    app.harness.free = 0;
    const init = { method: "POST", body: "hello", headers: bearer("ann") };
    assertEquals(await problemOf(await app.fetch("/files?name=a", init)), [507, "unavailable"]);
    app.harness.free = Infinity;
    await app.upload("ann", "hello");
  }));

Deno.test("POST /files leaves nothing of a body that breaks off", () =>
  withFileApp(async (app) => {
    const body = ReadableStream.from((async function* () {
      yield new TextEncoder().encode("hel");
      await Promise.resolve();
      throw new Error("gone");
    })());
    const init = { method: "POST", body, headers: bearer("ann") };
    assertEquals((await app.fetch("/files?name=a", init)).status, 400);
    assertEquals(await bytesOnDisk(app.harness.dir), []);
  }));

Deno.test("POST /files answers 503 when the server stops during an upload", () =>
  withFileApp(async (app) => {
    const reading = Promise.withResolvers<void>();
    const body = new ReadableStream({ pull: () => reading.resolve() }, { highWaterMark: 0 });
    const init = { method: "POST", body, headers: bearer("ann") };
    const answer = app.fetch("/files?name=a", init);
    await reading.promise;
    await app.harness.files.close();
    assertEquals(await problemOf(await answer), [503, "unavailable"]);
  }));
