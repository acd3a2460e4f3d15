/** POST /files, from the request to the stored file. */
import { assertEquals, assertMatch } from "../../support/assert.ts";
import { bytesOnDisk } from "../../files/harness.ts";
import { bearer, problemOf, withApp } from "../harness.ts";

const HELLO = "2cf24dba5fb0a30e26e83b2ac5b9e29e1b161e5c1fa7425e73043362938b9824";

Deno.test("POST /files stores the body and answers with its description", () =>
  withApp(async (harness) => {
    const ann = await harness.hub.enter("ann");
    const response = await harness.fetch("/files?name=a%20b.txt", {
      method: "POST",
      body: "hello",
      headers: { ...bearer(ann), "content-type": "image/png" },
    });
    assertEquals(response.status, 201);
    const { id, ...rest } = await response.json();
    const url = `/files/${id}/a%20b.txt`;
    assertEquals(response.headers.get("location"), url);
    assertEquals(response.headers.get("x-content-type-options"), "nosniff");
    assertEquals(rest, { name: "a b.txt", size: 5, media_type: "text/plain", url, sha256: HELLO });
    assertEquals(harness.files.files.isFrom(id, [ann.connection.session]), true);
  }));

Deno.test("POST /files takes the name from the query, else from Content-Disposition", () =>
  withApp(async (harness) => {
    const ann = await harness.hub.enter("ann");
    const disposition = "attachment; filename*=UTF-8''caf%C3%A9.txt";
    for (const [query, name] of [["", "café.txt"], ["?name=b.txt", "b.txt"]]) {
      const response = await harness.fetch(`/files${query}`, {
        method: "POST",
        body: "hello",
        headers: { ...bearer(ann), "content-disposition": disposition },
      });
      assertEquals((await response.json()).name, name);
    }
  }));

Deno.test("POST /files requires the session of a logged-in connection", () =>
  withApp(async (harness) => {
    const notLoggedIn = harness.hub.connect();
    await notLoggedIn.next("handshake");
    const ann = await harness.hub.enter("ann");
    ann.send({ type: "logout" });
    await ann.next("logout");
    const gone = await harness.hub.enter("bob");
    gone.socket.hangUp();
    await harness.hub.settled();
    const wrong = [{}, { authorization: "Bearer" }, { authorization: "Basic YTpi" }];
    const unknown = [bearer("unknown"), bearer(notLoggedIn), bearer(ann), bearer(gone)];
    for (const headers of [...wrong, ...unknown]) {
      const response = await harness.fetch("/files?name=a", {
        method: "POST",
        body: "hello",
        headers,
      });
      assertEquals(response.headers.get("www-authenticate"), "Bearer");
      assertEquals(await problemOf(response), [401, "unauthorized"]);
    }
    assertEquals(await bytesOnDisk(harness.files.dir), []);
  }));

Deno.test("POST /files accepts the session of a connection that was taken over", () =>
  withApp(async (harness) => {
    const before = await harness.hub.enter("ann");
    const { session } = before.connection;
    const after = await harness.hub.enter("ann", { session });
    const response = await harness.fetch("/files?name=a", {
      method: "POST",
      body: "hello",
      headers: bearer(session),
    });
    const file = await response.json();
    after.send({ type: "file", content: file.id });
    assertEquals((await after.next("file")).file, file);
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
    withApp(async (harness) => {
      const ann = await harness.hub.enter("ann");
      const response = await harness.fetch(`/files${query}`, {
        method: "POST",
        body,
        headers: { ...bearer(ann), ...headers },
      });
      assertEquals(await problemOf(response), [status, code]);
      assertEquals(await bytesOnDisk(harness.files.dir), []);
    }));
}

Deno.test("POST /files refuses a Content-Length that is too large before it reads the body", () =>
  withApp(async (harness) => {
    const ann = await harness.hub.enter("ann");
    let reads = 0;
    const body = new ReadableStream({ pull: () => void reads++ }, { highWaterMark: 0 });
    const headers = { ...bearer(ann), "content-length": "1001" };
    const response = await harness.fetch("/files?name=a", { method: "POST", body, headers });
    assertEquals([...await problemOf(response), reads], [413, "too_large", 0]);
  }));

Deno.test("POST /files is disabled by a limit of 0", () =>
  withApp(async (harness) => {
    const ann = await harness.hub.enter("ann");
    const init = { method: "POST", body: "hello", headers: bearer(ann) };
    assertEquals(await problemOf(await harness.fetch("/files?name=a", init)), [403, "forbidden"]);
  }, { maxFile: 0 }));

Deno.test("POST /files lets one connection upload four files at a time", () =>
  withApp(async (harness) => {
    const [ann, bob] = [await harness.hub.enter("ann"), await harness.hub.enter("bob")];
    const gates: ReadableStreamDefaultController[] = [];
    const start = () => {
      const body = new ReadableStream({ start: (controller) => void gates.push(controller) });
      return harness.fetch("/files?name=a", { method: "POST", body, headers: bearer(ann) });
    };
    const uploads = [start(), start(), start(), start()];
    await harness.hub.settled();
    const refused = await start();
    assertMatch(refused.headers.get("retry-after") ?? "", /^\d+$/);
    assertEquals(await problemOf(refused), [429, "rate_limited"]);
    await harness.upload(bob, "hello");
    const finish = (index: number) => {
      gates[index]?.enqueue(new TextEncoder().encode("hello"));
      gates[index]?.close();
      return uploads[index];
    };
    for (const index of [0, 1, 2]) assertEquals((await finish(index))?.status, 201);
    // One upload is still in progress; the refused one does not count.
    gates.length = 4;
    uploads.push(start(), start(), start());
    await harness.hub.settled();
    assertEquals((await start()).status, 429);
    for (const index of [3, 4, 5, 6]) assertEquals((await finish(index))?.status, 201);
    await harness.upload(ann, "hello");
  }));

Deno.test("POST /files answers 507 when the disk is full", async () => {
  await withApp(async (harness) => {
    const ann = await harness.hub.enter("ann");
    harness.files.free = 0;
    const init = { method: "POST", body: "hello", headers: bearer(ann) };
    assertEquals(await problemOf(await harness.fetch("/files?name=a", init)), [507, "unavailable"]);
    harness.files.free = Infinity;
    await harness.upload(ann, "hello");
    ann.say("the chat goes on");
    await ann.next("user");
  });
});

Deno.test("POST /files leaves nothing of a body that breaks off", () =>
  withApp(async (harness) => {
    const ann = await harness.hub.enter("ann");
    const body = ReadableStream.from((async function* () {
      yield new TextEncoder().encode("hel");
      await Promise.resolve();
      throw new Error("gone");
    })());
    const init = { method: "POST", body, headers: bearer(ann) };
    assertEquals((await harness.fetch("/files?name=a", init)).status, 400);
    assertEquals(await bytesOnDisk(harness.files.dir), []);
  }));

Deno.test("POST /files answers 503 when the server stops during an upload", () =>
  withApp(async (harness) => {
    const ann = await harness.hub.enter("ann");
    const reading = Promise.withResolvers<void>();
    const body = new ReadableStream({ pull: () => reading.resolve() }, { highWaterMark: 0 });
    const init = { method: "POST", body, headers: bearer(ann) };
    const answer = harness.fetch("/files?name=a", init);
    await reading.promise;
    await harness.files.files.close();
    assertEquals(await problemOf(await answer), [503, "unavailable"]);
  }));
