import { assertEquals } from "../support/assert.ts";

const ROOT = new URL("../../", import.meta.url);
const STATIC = new URL("static/", ROOT);

/** The addresses of a kind of link in index.html, as paths in the repository. */
async function linked(rel: string): Promise<string[]> {
  const html = await Deno.readTextFile(new URL("index.html", STATIC));
  const links = html.matchAll(new RegExp(`rel="${rel}"[^>]* href="static/([^"]+)"`, "g"));
  return [...links].map(([, path = ""]) => path.replace(/^page\//, "static/"));
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

Deno.test("index.html preloads exactly the modules that the page needs", async () => {
  const main = new URL("main.js", STATIC);
  const needed = await modulesFrom(main);
  needed.delete(main.href);
  assertEquals(
    (await linked("modulepreload")).sort(),
    [...needed].map((href) => href.slice(ROOT.href.length)).sort(),
  );
});

Deno.test("index.html links every style sheet, and the first one orders the layers of all", async () => {
  const sheets = await linked("stylesheet");
  const files = [...Deno.readDirSync(new URL("styles/", STATIC))].map(({ name }) => name);
  assertEquals(sheets.toSorted(), files.map((name) => `static/styles/${name}`).sort());
  const ordered: string[] = [];
  const filled: string[] = [];
  for (const sheet of sheets) {
    const css = (await Deno.readTextFile(new URL(sheet, ROOT))).replace(/\/\*.*?\*\//gs, "");
    for (const [line] of css.matchAll(/^\S.*$/gm)) {
      const [, names, kind] = /^@layer ([\w, ]+)(;| \{)$/.exec(line) ?? [];
      // A rule outside of the layers would win over all of them.
      if (names === undefined) assertEquals(line, "}", sheet);
      else if (kind === ";" && sheet === sheets[0]) ordered.push(...names.split(", "));
      else filled.push(names);
    }
  }
  assertEquals(filled.sort(), ordered.sort());
});

Deno.test("index.html has no script, style or address that the content policy forbids", async () => {
  const html = await Deno.readTextFile(new URL("index.html", STATIC));
  assertEquals(html.match(/<style|\sstyle=|\son\w+=|https?:\/\//g), null);
  const inline = [...html.matchAll(/<script([^>]*)>([^<]*)/g)].filter(([, , code]) => code !== "");
  assertEquals(inline, []);
});
