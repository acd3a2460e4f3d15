/** Files opened by their URL in a real browser: shown in a sandbox, or saved. */
import { assert, assertEquals } from "../support/assert.ts";
import { Chatter } from "../support/chatter.ts";
import { DEADLINE, within } from "../support/within.ts";
import type { TestServer } from "../support/test_server.ts";
import { browserTest, type Stage } from "./harness.ts";

/** One red pixel. */
const PNG = Uint8Array.from(
  atob(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==",
  ),
  (character) => character.charCodeAt(0),
);

const EVIL = "globalThis.wasRun = true; top.wasRun = true";

/** Starts a server with these files announced in it. Returns their URLs, complete. */
async function serve(
  stage: Stage,
  files: Record<string, BodyInit>,
): Promise<{ server: TestServer; urls: string[] }> {
  const server = await stage.server();
  await using ann = await Chatter.connect(server.ws("/ws"));
  const { session } = await ann.next("handshake");
  await ann.send({ type: "login", content: "ann" });
  const urls = [];
  for (const [name, body] of Object.entries(files)) {
    const headers = { authorization: `Bearer ${session}` };
    const path = `files?name=${encodeURIComponent(name)}`;
    const response = await fetch(server.url + path, { method: "POST", body, headers });
    const file = await response.json();
    await ann.send({ type: "file", content: file.id });
    await ann.next("file");
    urls.push(new URL(file.url, server.url).href);
  }
  return { server, urls };
}

browserTest("a picture is shown in a page and by itself", async (stage) => {
  const { server, urls: [url = ""] } = await serve(stage, { "a b.png": PNG });
  const { page } = await stage.visitor(`${server.url}healthz`);
  const shown = page.evaluate((src) =>
    new Promise((resolve) => {
      const image = new Image();
      image.onload = () => resolve(image.naturalWidth);
      image.onerror = () => resolve("failed");
      image.src = src;
    }), url);
  assertEquals(await within(DEADLINE, "a picture in a page", shown), 1);
  await page.goto(url);
  assertEquals(await page.evaluate("document.images[0].naturalWidth"), 1);
  // In a sandbox: not of this site, and without scripts of its own.
  assertEquals(await page.evaluate("origin"), "null");
});

browserTest("a text is shown as it is, in a sandbox", async (stage) => {
  const text = `once < twice\n<script>${EVIL}</script>`;
  const { server, urls: [url = ""] } = await serve(stage, { "notes.html": text });
  const { page } = await stage.visitor(`${server.url}healthz`);
  await page.goto(url);
  assertEquals(await page.evaluate("document.body.innerText"), text);
  assertEquals(await page.evaluate("[origin, globalThis.wasRun]"), ["null", undefined]);
});

for (
  const [name, body] of [
    ["page.html", `<!doctype html><script>${EVIL}</script>`],
    ["page.txt", `<script>${EVIL}</script>`],
    ["picture.svg", `<svg xmlns="http://www.w3.org/2000/svg"><script>${EVIL}</script></svg>`],
    ["picture.png", `<?xml version="1.0"?><svg xmlns="http://www.w3.org/2000/svg"/>`],
    ["letter.pdf", "%PDF-1.7"],
  ] as const
) {
  browserTest(`a file that could act is saved, not shown: ${name}`, async (stage) => {
    const { server, urls: [url = ""] } = await serve(stage, { [name]: body });
    const { page } = await stage.visitor(`${server.url}healthz`);
    const [download] = await Promise.all([
      page.waitForEvent("download"),
      page.evaluate((href) => void (location.href = href), url),
    ]);
    assertEquals(download.suggestedFilename(), name);
    assert(page.url().endsWith("/healthz"));
    assertEquals(await page.evaluate("globalThis.wasRun"), undefined);
  });
}

browserTest("pages of other sites can neither read nor show anything", async (stage) => {
  const { server, urls: [url = ""] } = await serve(stage, { "a.png": PNG });
  // A page that forbids itself nothing. The name is another site; another port alone is not.
  const headers = { "content-type": "text/html" };
  const other = Deno.serve(
    { port: 0, hostname: "127.0.0.1", onListen: () => {} },
    () => new Response("<p>hello", { headers }),
  );
  stage.after(() => other.shutdown());
  const { page } = await stage.visitor(`http://localhost:${other.addr.port}/`);
  const results = page.evaluate(async ([picture = "", api = ""]) => {
    const read = (path: string, init: RequestInit = {}) =>
      fetch(path, init).then(({ type }) => type, () => "refused");
    const image = new Image();
    const shown = new Promise((resolve) => {
      image.onload = () => resolve("shown");
      image.onerror = () => resolve("refused");
    });
    image.src = picture;
    const post = { method: "POST", headers: { authorization: "Bearer x" }, body: "x" };
    const opaque = await read(api, { mode: "no-cors" });
    return [await shown, await read(api), await read(picture), await read(api, post), opaque];
  }, [url, `${server.url}api/rooms`]);
  // Without CORS a page may ask, but sees nothing of the answer.
  const expected = ["refused", "refused", "refused", "refused", "opaque"];
  assertEquals(await within(DEADLINE, "answers to another site", results), expected);
});
