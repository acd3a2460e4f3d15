/**
 * Servers under paths of one host.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { assertEquals } from "../support/assert.ts";
import { PathRouter } from "../support/path_router.ts";
import type { TestServer } from "../support/test_server.ts";
import { browserTest, type Stage } from "./harness.ts";
import { Person } from "./person.ts";

/** A picture of one red pixel. */
const PICTURE = {
  name: "red.png",
  mimeType: "image/png",
  buffer: Buffer.from(
    "iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==",
    "base64",
  ),
};

function portOf({ url }: TestServer): number {
  return Number(new URL(url).port);
}

/** Opens another page of the same browser. */
async function another(first: Person, url: string): Promise<Person> {
  const page = await first.context.newPage();
  page.on("pageerror", (error) => first.errors.push(error.message));
  await page.goto(url);
  return new Person(page, first.errors);
}

/** Says something and shows a picture; both are there, and load. */
async function talks(person: Person, text: string): Promise<void> {
  await person.says(text);
  await person.sees(text);
  await person.page.locator("input[type=file]").setInputFiles(PICTURE);
  await person.log.locator(".preview img").waitFor();
  await person.page.locator(".preview img").evaluate((image) =>
    image instanceof HTMLImageElement ? image.decode() : undefined
  );
}

/** Two pages of one browser, each on its own server, do not notice each other. */
async function live(stage: Stage, urls: readonly [string, string]): Promise<void> {
  const failed: string[] = [];
  const ann = await stage.visitor(urls[0]);
  ann.context.on("response", (response) => {
    if (response.status() >= 400) failed.push(`${response.status()} ${response.url()}`);
  });
  await ann.enters("ann");
  const bob = await another(ann, urls[1]);
  await bob.enters("bob");
  await talks(ann, "ann is here");
  await talks(bob, "bob is there");
  await bob.composer.fill("a draft of bob");
  for (const person of [ann, bob]) {
    await person.page.reload();
    await person.isOnline();
  }
  await ann.sees("ann is here");
  await bob.sees("bob is there");
  assertEquals([await ann.message("bob is there").count(), await ann.composer.inputValue()], [
    0,
    "",
  ]);
  assertEquals(await bob.composer.inputValue(), "a draft of bob");
  await bob.log.locator(".preview img").waitFor();
  await ann.says("still ann");
  await ann.sees("still ann");
  const names = (await ann.context.cookies()).map(({ name, path }) => `${name} ${path}`);
  assertEquals(names.length, 2);
  assertEquals(failed, []);
}

browserTest("two servers under paths of one host share a browser", async (stage) => {
  const [a, b] = [
    await stage.server("--base-path", "/a"),
    await stage.server("--base-path", "/b", "--transport", "node"),
  ];
  const router = new PathRouter([
    { path: "/a/", port: portOf(a) },
    { path: "/b/", port: portOf(b) },
  ]);
  stage.after(() => router.stop());
  await live(stage, [`${router.url}a/`, `${router.url}b/`]);
});

browserTest("servers whose path a proxy removes share a browser", async (stage) => {
  const [root, chat] = [
    await stage.server(),
    await stage.server("--public-url", "http://localhost/team/chat/"),
  ];
  const router = new PathRouter([
    { path: "/team/chat/", port: portOf(chat), strips: true },
    { path: "/", port: portOf(root) },
  ]);
  stage.after(() => router.stop());
  await live(stage, [router.url, `${router.url}team/chat/`]);
});

browserTest("the page can be installed from a path", async (stage) => {
  const server = await stage.server("--base-path", "/chat");
  const ann = await stage.visitor(server.url);
  const { start, scope, icons } = await ann.page.evaluate(async () => {
    const link = document.querySelector("link[rel=manifest]");
    const { href } = new URL(link?.getAttribute("href") ?? "", location.href);
    const manifest = await (await fetch(href)).json();
    const resolved = (path: string) => new URL(path, href).href;
    const icons = await Promise.all(
      manifest.icons.map(async ({ src }: { src: string }) => (await fetch(resolved(src))).status),
    );
    return { start: resolved(manifest.start_url), scope: resolved(manifest.scope), icons };
  });
  assertEquals([start, scope, icons], [server.url, server.url, [200, 200, 200, 200]]);
});
