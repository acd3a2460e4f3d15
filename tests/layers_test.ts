/**
 * Holds the imports of the project to the order of its layers: docs/architecture.md draws what this
 * enforces. A room is a folder with the top-level file of the same name; an import goes to a room below or
 * on the same floor, and neither rooms nor files import each other in a circle, types included.
 *
 * @module
 */
import { assertEquals } from "./support/assert.ts";

/** The floors of the server from the ground up, and the rooms on each. */
const FLOORS: readonly (readonly string[])[] = [
  ["protocol", "config", "text", "log", "metrics", "sqlite", "clock", "limits", "network"],
  ["transport", "sqlite"],
  ["people", "broker", "store", "files"],
  ["data"],
  ["client"],
  ["hub"],
  ["http", "endpoints"],
  ["server"],
  ["cli"],
];

/** Rooms beside the server: nobody but those named imports them, and they import only what is named. */
const BESIDE: Readonly<Record<string, { imports: readonly string[]; importedBy: string[] }>> = {
  sdk: { imports: ["protocol"], importedBy: ["cli", "static"] },
  static: { imports: ["protocol", "sdk"], importedBy: [] },
};

/** Which rooms may import nothing at all. */
const CLOSED: ReadonlySet<string> = new Set(["protocol"]);

/** Files of the top level that belong to no room of their name. */
const TOP_LEVEL: Readonly<Record<string, string>> = { "main.ts": "cli" };

/** Maximum length of a file, in lines. */
const MAX_LINES = 400;

/** Files that may be longer, and why. */
const LONG: Readonly<Record<string, string>> = {};

const ROOT = new URL("../", import.meta.url);
const ROOMS = [...FLOORS.flat(), ...Object.keys(BESIDE)];

/** A source file: its path below the project's folder, its text, and the files it imports. */
interface Source {
  readonly path: string;
  readonly lines: number;
  readonly imports: readonly string[];
  /** Of these, those that only JSDoc names, for a type: JavaScript has no import of types. */
  readonly mentions: ReadonlySet<string>;
}

/** An import from one file to another. */
type Arrow = readonly [from: string, to: string];

/**
 * Specifiers of all imports: static and lazy ones, those of types (JSDoc's too), and files that are loaded by
 * URL, such as workers.
 */
const SPECIFIER = /(?:\bfrom\s*|\bimport\s*\(?\s*|\bnew URL\(\s*)"(\.{1,2}\/[^"]+)"/g;

/** A comment of JSDoc, which may name types of other files. */
const JSDOC = /\/\*\*[\s\S]*?\*\//g;

function readSource(path: string): Source {
  const text = Deno.readTextFileSync(new URL(path, ROOT));
  const findImports = (code: string) =>
    [...code.matchAll(SPECIFIER)]
      .map(([, specifier = ""]) => new URL(specifier, new URL(path, ROOT)).href)
      .map((href) => href.slice(ROOT.href.length))
      .filter((target) => /\.(?:ts|js)$/.test(target));
  const imports = findImports(text);
  const called = new Set(findImports(text.replace(JSDOC, "")));
  const mentions = new Set(imports.filter((one) => path.endsWith(".js") && !called.has(one)));
  return { path, lines: text.split("\n").length - 1, imports, mentions };
}

function* findSources(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(new URL(`./${folder}`, ROOT))) {
    if (isDirectory) yield* findSources(`${folder}${name}/`);
    else if (/\.(?:ts|js|css)$/.test(name)) yield folder + name;
  }
}

/** All sources of the rooms. */
function readSources(): Source[] {
  const topLevel = [...Deno.readDirSync(ROOT)].map(({ name }) => name)
    .filter((name) => name.endsWith(".ts"));
  const inRooms = ROOMS.flatMap((room) => [...findSources(`${room}/`)]);
  return [...topLevel, ...inRooms].filter((path) => roomOf(path) !== undefined).map(readSource);
}

/** The room that a file belongs to. */
function roomOf(path: string): string | undefined {
  const [first = ""] = path.split("/");
  const room = TOP_LEVEL[path] ?? first.replace(/\.ts$/, "");
  return ROOMS.includes(room) ? room : undefined;
}

/** Why an import is not allowed; `undefined` if it is. */
export function explainArrow([from, to]: Arrow): string | undefined {
  const [above, below] = [roomOf(from), roomOf(to)];
  if (above === undefined || above === below) return undefined;
  if (below === undefined) return `${from} imports ${to}, which is in no room`;
  if (CLOSED.has(above)) return `${from} imports ${to}: ${above} must import nothing`;
  const [own, other] = [BESIDE[above], BESIDE[below]];
  if (own !== undefined) {
    if (own.imports.includes(below)) return undefined;
    return `${from} imports ${to}: ${above} may import only ${own.imports.join(" and ")}`;
  }
  if (other !== undefined) {
    if (other.importedBy.includes(above)) return undefined;
    return `${from} imports ${to}, which is for ${other.importedBy.join(" and ") || "nobody"}`;
  }
  const [high, low] = [above, below].map((room) => FLOORS.findIndex((one) => one.includes(room)));
  return high! >= low! ? undefined : `${from} imports ${to}, which is on a floor above`;
}

/** A circle among nodes that arrows join, as the nodes on it; `undefined` if there is none. */
export function findCircle(arrows: readonly Arrow[]): string[] | undefined {
  const targets = Map.groupBy(arrows, ([from]) => from);
  const done = new Set<string>();
  const visit = (node: string, way: string[]): string[] | undefined => {
    const seen = way.indexOf(node);
    if (seen >= 0) return [...way.slice(seen), node];
    if (done.has(node)) return undefined;
    for (const [, to] of targets.get(node) ?? []) {
      const circle = visit(to, [...way, node]);
      if (circle !== undefined) return circle;
    }
    done.add(node);
    return undefined;
  };
  for (const node of targets.keys()) {
    const circle = visit(node, []);
    if (circle !== undefined) return circle;
  }
  return undefined;
}

const sources = readSources();
const arrows: readonly Arrow[] = sources.flatMap(({ path, imports }) =>
  imports.map((to) => [path, to] as const)
);

Deno.test("imports run down, and never out of the rooms", () => {
  assertEquals(arrows.map(explainArrow).filter((problem) => problem !== undefined), []);
});

Deno.test("no two rooms import each other, not even by way of others", () => {
  const between = arrows.map(([from, to]) => [roomOf(from) ?? "", roomOf(to) ?? ""] as const);
  assertEquals(findCircle(between.filter(([from, to]) => from !== to)), undefined);
});

Deno.test("no files import each other in a circle", () => {
  const imports = sources.flatMap(({ path, imports, mentions }) =>
    imports.filter((to) => !mentions.has(to)).map((to) => [path, to] as const)
  );
  assertEquals(findCircle(imports), undefined);
});

Deno.test(`no file has more than ${MAX_LINES} lines without a reason`, () => {
  const long = sources.filter(({ lines }) => lines > MAX_LINES).map(({ path }) => path);
  assertEquals(long.sort(), Object.keys(LONG).sort());
});

Deno.test("every source file of the project stands in a room", () => {
  const beside = ["bench", "coverage", "dist", "docs", "packaging", "tests", "tools"];
  const folders = [...Deno.readDirSync(ROOT)]
    .filter(({ name, isDirectory }) => isDirectory && !name.startsWith("."))
    .map(({ name }) => name);
  assertEquals(folders.filter((name) => !ROOMS.includes(name) && !beside.includes(name)), []);
  assertEquals(sources.length > 150, true, `${sources.length} sources were found`);
});

Deno.test("explainArrow() says what is wrong with an arrow that was turned round", () => {
  const wrong: readonly [Arrow, string][] = [
    [["transport/socket.ts", "http/app.ts"], "on a floor above"],
    [["client.ts", "hub.ts"], "on a floor above"],
    [["protocol/decode.ts", "text/size.ts"], "must import nothing"],
    [["hub/room.ts", "static/main.js"], "which is for nobody"],
    [["http/app.ts", "sdk/hubbub.js"], "which is for cli and static"],
    [["sdk/hubbub.js", "static/main.js"], "may import only protocol"],
    [["hub.ts", "tools/graph.ts"], "in no room"],
  ];
  for (const [arrow, problem] of wrong) {
    assertEquals(explainArrow(arrow)?.includes(problem), true, `${arrow}: ${explainArrow(arrow)}`);
  }
  assertEquals(explainArrow(["hub.ts", "client.ts"]), undefined);
  assertEquals(explainArrow(["main.ts", "cli/commands.ts"]), undefined);
  assertEquals(explainArrow(["store/open.ts", "files/open.ts"]), undefined);
});

Deno.test("findCircle() finds one of three, and none in a tree", () => {
  const line: Arrow[] = [["a", "b"], ["b", "c"], ["a", "c"]];
  assertEquals(findCircle(line), undefined);
  assertEquals(findCircle([...line, ["c", "a"]]), ["a", "b", "c", "a"]);
});
