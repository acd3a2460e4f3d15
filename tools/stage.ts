/**
 * Copies the files to compile into a directory of their own: the modules, the page, and a
 * configuration and a lock file with only the packages in use, because `deno compile` embeds all
 * packages that it finds there.
 *
 * @module
 */
import type { Graph } from "./graph.ts";

/** The part of `deno.json` that is used here. */
export interface Config {
  readonly imports: Readonly<Record<string, string>>;
  readonly [key: string]: unknown;
}

/** The part of `deno.lock` (version 5) that is used here. */
export interface Lock {
  readonly version: string;
  readonly specifiers: Readonly<Record<string, string>>;
  readonly npm: Readonly<Record<string, { readonly integrity: string }>>;
  readonly workspace: { readonly dependencies: readonly string[] };
}

/** Read by `config/version.ts`. */
const COMMIT_FILE = "dist/commit.txt";

/** What is served as files, and therefore embedded as files. */
const ASSETS = ["static/", "sdk/", "protocol/wire.js"];

/** The paths to embed besides the imported modules. */
export function includes({ workers }: Graph): string[] {
  return [...ASSETS, COMMIT_FILE, ...workers];
}

/** Creates the directory and fills it. The caller removes it. */
export async function stage(root: URL, graph: Graph, commit: string): Promise<URL> {
  const folder = new URL(`file://${await Deno.makeTempDir({ prefix: "hubbub-stage-" })}/`);
  for (const module of graph.modules) await copy(root, folder, module);
  for (const name of ["static", "sdk"]) await copyFolder(root, folder, name);
  await write(folder, COMMIT_FILE, `${commit}\n`);
  const lock: Lock = await readJson(new URL("deno.lock", root));
  const config: Config = await readJson(new URL("deno.json", root));
  const names = new Set(graph.packages.map(({ name }) => name));
  await write(folder, "deno.json", JSON.stringify(pruneConfig(config, names), null, 2));
  await write(folder, "deno.lock", JSON.stringify(pruneLock(lock, graph), null, 2));
  return folder;
}

/** Removes the imports of packages that are not in use, and settings for development. */
export function pruneConfig(
  { tasks: _tasks, lint: _lint, fmt: _fmt, ...config }: Config,
  packages: ReadonlySet<string>,
): Config {
  const imports = Object.entries(config.imports).filter(([, target]) =>
    !target.startsWith("npm:") || packages.has(packageName(target))
  );
  return { ...config, imports: Object.fromEntries(imports) };
}

/** Removes the packages that are not in use. */
export function pruneLock(lock: Lock, { packages }: Pick<Graph, "packages">): Lock {
  const ids = new Set(packages.map(({ id }) => id));
  const names = new Set(packages.map(({ name }) => name));
  const specifiers = Object.entries(lock.specifiers).filter(([specifier, version]) =>
    ids.has(`${packageName(specifier)}@${version}`)
  );
  return {
    ...lock,
    specifiers: Object.fromEntries(specifiers),
    npm: Object.fromEntries(Object.entries(lock.npm).filter(([id]) => ids.has(id))),
    workspace: {
      dependencies: lock.workspace.dependencies.filter((one) => names.has(packageName(one))),
    },
  };
}

/** `@scope/name` of `npm:@scope/name@1.2.3/path`. */
export function packageName(specifier: string): string {
  return /^npm:\/?(@[^/]+\/[^@/]+|[^@/]+)/.exec(specifier)?.[1] ?? specifier;
}

async function copy(root: URL, folder: URL, path: string): Promise<void> {
  if (path === "deno.json") return;
  await write(folder, path, await Deno.readFile(new URL(path, root)));
}

async function copyFolder(root: URL, folder: URL, path: string): Promise<void> {
  for await (const { name, isDirectory } of Deno.readDir(new URL(`${path}/`, root))) {
    if (isDirectory) await copyFolder(root, folder, `${path}/${name}`);
    else await copy(root, folder, `${path}/${name}`);
  }
}

async function write(folder: URL, path: string, content: string | Uint8Array): Promise<void> {
  const file = new URL(path, folder);
  await Deno.mkdir(new URL(".", file), { recursive: true });
  await Deno.writeFile(file, typeof content === "string" ? encoder.encode(content) : content);
}

const encoder = new TextEncoder();

async function readJson<T>(file: URL): Promise<T> {
  return JSON.parse(await Deno.readTextFile(file));
}
