import { assertEquals } from "../support/assert.ts";

const ROOT = new URL("../../", import.meta.url);
const STATIC = new URL("static/", ROOT);

/** Where a module is served below `/static/`. */
function servedPath(href: string): string {
  return href.slice(ROOT.href.length).replace(/^static\//, "page/");
}

/** Every module that a module needs at its start, itself included. */
async function modulesFrom(start: URL, seen = new Set<string>()): Promise<Set<string>> {
  if (seen.has(start.href)) return seen;
  seen.add(start.href);
  const text = await Deno.readTextFile(start);
  for (const [, path] of text.matchAll(/^(?:import|export)\b[^;]*?\bfrom "(\.[^"]+)";/gm)) {
    await modulesFrom(new URL(path ?? "", start), seen);
  }
  return seen;
}

Deno.test("index.html preloads just the modules that the page needs", async () => {
  const html = await Deno.readTextFile(new URL("index.html", STATIC));
  const preloaded = [...html.matchAll(/rel="modulepreload"[^>]* href="\/static\/([^"]+)"/g)];
  const main = new URL("main.js", STATIC);
  const needed = await modulesFrom(main);
  needed.delete(main.href);
  assertEquals(
    preloaded.map(([, path]) => path).sort(),
    [...needed].map(servedPath).sort(),
  );
});

Deno.test("index.html has no script, style or address that the content policy forbids", async () => {
  const html = await Deno.readTextFile(new URL("index.html", STATIC));
  assertEquals(html.match(/<style|\sstyle=|\son\w+=|https?:\/\//g), null);
  const inline = [...html.matchAll(/<script([^>]*)>([^<]*)/g)].filter(([, , code]) => code !== "");
  assertEquals(inline, []);
});
