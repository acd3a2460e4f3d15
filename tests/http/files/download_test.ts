/** GET /files/ID/NAME, from the request to the bytes. */
import { assertEquals, assertStringIncludes } from "../../support/assert.ts";
import type { FileInfo } from "../../../protocol.ts";
import { problemOf } from "../harness.ts";
import { pathOf } from "../../files/harness.ts";
import { type FileApp, withFileApp } from "./harness.ts";

const DIGITS = "0123456789";
const PNG = Uint8Array.from("\x89PNG\r\n\x1a\n", (character) => character.charCodeAt(0));

/** Runs a test with a file that is announced in a public room. */
function withDigits(run: (app: FileApp, file: FileInfo) => Promise<void>): Promise<void> {
  return withFileApp(async (app) => {
    await run(app, await app.announce(DIGITS, { name: "digits.txt" }));
  });
}

Deno.test("GET /files serves a file with the headers that keep it from acting for the site", () =>
  withDigits(async (app, file) => {
    const response = await app.fetch(file.url);
    assertEquals(response.status, 200);
    assertEquals(await response.text(), DIGITS);
    const headers = Object.fromEntries(response.headers);
    assertEquals(headers["etag"], `"${file.sha256}"`);
    assertEquals(headers["content-length"], "10");
    assertEquals(headers["content-type"], "text/plain; charset=utf-8");
    assertEquals(headers["cache-control"], "private, immutable, max-age=31536000");
    assertEquals(headers["x-content-type-options"], "nosniff");
    assertEquals(headers["vary"], undefined);
    assertEquals(headers["cross-origin-resource-policy"], "same-origin");
    assertEquals(headers["content-disposition"], "inline; filename=digits.txt");
    assertEquals(headers["content-security-policy"]?.split("; ").slice(0, 2), [
      "sandbox",
      "default-src 'none'",
    ]);
  }));

const DISPOSITIONS: readonly [body: BodyInit, type: string, disposition: string][] = [
  [PNG, "image/png", "inline"],
  ["GIF89a", "image/gif", "inline"],
  ["fLaC", "audio/flac", "inline"],
  ["\0\0\0\x1cftypisom", "video/mp4", "inline"],
  ["hello", "text/plain; charset=utf-8", "inline"],
  ["<svg xmlns='http://www.w3.org/2000/svg'/>", "image/svg+xml", "attachment"],
  ["<!doctype html><script>alert(1)</script>", "text/html", "attachment"],
  ["<?xml version='1.0'?><x/>", "application/xml", "attachment"],
  ["%PDF-1.7", "application/pdf", "attachment"],
  ["\0", "application/octet-stream", "attachment"],
];

for (const [body, type, disposition] of DISPOSITIONS) {
  Deno.test(`GET /files serves ${type} as ${disposition}, whatever its name`, () =>
    withFileApp(async (app) => {
      const { url } = await app.announce(body, { name: "picture.png" });
      const response = await app.fetch(url);
      await response.body?.cancel();
      assertEquals(response.headers.get("content-type"), type);
      const header = `${disposition}; filename=picture.png`;
      assertEquals(response.headers.get("content-disposition"), header);
    }));
}

const RANGES: readonly [
  headers: Record<string, string>,
  status: number,
  range: string | null,
  body: string,
][] = [
  [{ range: "bytes=2-5" }, 206, "bytes 2-5/10", "2345"],
  [{ range: "bytes=7-" }, 206, "bytes 7-9/10", "789"],
  [{ range: "bytes=-2" }, 206, "bytes 8-9/10", "89"],
  [{ range: "bytes=0-9" }, 206, "bytes 0-9/10", DIGITS],
  [{ range: "bytes=0-1,4-5" }, 200, null, DIGITS],
  [{ range: "bytes=2-5", "if-range": '"other"' }, 200, null, DIGITS],
  [{ range: "bytes=2-5", "if-range": "Sat, 21 Nov 2026 10:00:00 GMT" }, 200, null, DIGITS],
  [{ range: "bytes=2-5", "if-range": "ETAG" }, 206, "bytes 2-5/10", "2345"],
];

for (const [headers, status, range, body] of RANGES) {
  Deno.test(`GET /files answers ${JSON.stringify(headers)} with ${status}`, () =>
    withDigits(async (app, { url, sha256 }) => {
      const asked = Object.entries(headers).map(([name, value]): [string, string] => [
        name,
        value.replace("ETAG", `"${sha256}"`),
      ]);
      const response = await app.fetch(url, { headers: asked });
      assertEquals(response.status, status);
      assertEquals(response.headers.get("content-range"), range);
      assertEquals(response.headers.get("content-length"), String(body.length));
      assertEquals(await response.text(), body);
    }));
}

Deno.test("GET /files answers 416 to a range beyond the end", () =>
  withDigits(async (app, { url }) => {
    const response = await app.fetch(url, { headers: { range: "bytes=10-" } });
    assertEquals(response.headers.get("content-range"), "bytes */10");
    assertEquals(await problemOf(response), [416, undefined]);
  }));

Deno.test("GET /files answers 304 if the client has the file", () =>
  withDigits(async (app, { url, sha256 }) => {
    for (const tag of [`"${sha256}"`, `W/"${sha256}"`, `"x", "${sha256}"`, "*"]) {
      const response = await app.fetch(url, {
        headers: { "if-none-match": tag, range: "bytes=0-1" },
      });
      assertEquals([response.status, await response.text()], [304, ""]);
      assertEquals(response.headers.get("etag"), `"${sha256}"`);
      assertStringIncludes(response.headers.get("cache-control") ?? "", "immutable");
    }
    const other = await app.fetch(url, { headers: { "if-none-match": '"other"' } });
    assertEquals([other.status, await other.text()], [200, DIGITS]);
  }));

Deno.test("HEAD /files sends the headers of GET, without the body", () =>
  withDigits(async (app, { url }) => {
    const response = await app.fetch(url, { method: "HEAD", headers: { range: "bytes=0-1" } });
    assertEquals([response.status, await response.text()], [200, ""]);
    assertEquals(response.headers.get("content-length"), "10");
  }));

Deno.test("GET /files finds a file by its id and its name together", () =>
  withFileApp(async (app) => {
    const { id, url } = await app.announce(DIGITS, { name: "ä b?.txt" });
    assertEquals(url, `/files/${id}/%C3%A4%20b%3F.txt`);
    // The decomposed form of ä is the same name.
    for (const right of [url, `/files/${id}/a%CC%88%20b%3F.txt`]) {
      assertEquals(await (await app.fetch(right)).text(), DIGITS);
    }
    for (const wrong of [`/files/${id}/x.txt`, `/files/${id}x/%C3%A4%20b%3F.txt`, `/files/${id}`]) {
      assertEquals(await problemOf(await app.fetch(wrong)), [404, undefined]);
    }
    assertEquals(await problemOf(await app.fetch(`/files/${id}/%FF`)), [400, undefined]);
  }));

Deno.test("GET /files lets pages of an allowed origin embed files of public rooms", () =>
  withFileApp(async (app) => {
    const response = await app.fetch((await app.announce(DIGITS)).url);
    await response.body?.cancel();
    assertEquals(response.headers.get("cross-origin-resource-policy"), "cross-origin");
  }, { crossOrigin: true }));

Deno.test(
  "GET /files closes the file when the client cancels",
  { sanitizeResources: true },
  () =>
    withDigits(async (app, { url }) => {
      for (const headers of [{}, { range: "bytes=1-" }, { range: "bytes=1-5" }]) {
        // The check for leaks that this test asks for finds a file that stays open.
        await (await app.fetch(url, { headers })).body?.cancel();
      }
    }),
);

/** What may happen to the bytes of a file, and how a request for it is then answered. */
const FAULTS: Readonly<Record<string, (path: string) => Promise<void>>> = {
  "that are altered": (path) => Deno.writeTextFile(path, "0123456798"),
  "that are cut off": (path) => Deno.truncate(path, 9),
  "that are missing": (path) => Deno.remove(path),
};

for (const [fault, happen] of Object.entries(FAULTS)) {
  Deno.test(`GET /files serves no bytes ${fault}, neither whole nor in part`, () =>
    withDigits(async (app, file) => {
      const path = pathOf(app.harness.dir, file);
      await happen(path);
      if (fault === "that are altered") await Deno.utime(path, 1, 1);
      for (const range of ["", "bytes=0-1", "bytes=2-", "bytes=-1"]) {
        const response = await app.fetch(file.url, range === "" ? {} : { headers: { range } });
        assertEquals(response.headers.get("content-range"), null);
        assertEquals(response.headers.get("cache-control")?.includes("immutable") ?? false, false);
        const { detail } = await response.clone().json();
        assertStringIncludes(detail, "Cannot fetch file: the server");
        assertEquals(await problemOf(response), [404, undefined]);
      }
      const head = await app.fetch(file.url, { method: "HEAD" });
      assertEquals([head.status, await head.text()], [404, ""]);
    }));
}
