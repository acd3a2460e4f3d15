/**
 * What the executable is made of: the modules that `main.ts` and the workers reach, and the npm
 * packages under them, as `deno info` tells it.
 *
 * @module
 */

/** An npm package as it is embedded. */
export interface Package {
  /** As in the lock file: name, version, and the versions of its peers. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Ids. */
  readonly dependencies: readonly string[];
  /** Where Deno keeps its files. */
  readonly localPath: string;
}

export interface Graph {
  /** Paths below the project's folder, in order. */
  readonly modules: readonly string[];
  /** In order of id. */
  readonly packages: readonly Package[];
  /** Modules that run in workers, which no import leads to: paths below the project's folder. */
  readonly workers: readonly string[];
}

/** Folders without workers of the executable. */
const NOT_SHIPPED: ReadonlySet<string> = new Set([
  "tests",
  "bench",
  "tools",
  "dist",
  "docs",
  "coverage",
  "packaging",
  "static",
]);

/** Follows the imports of the project, lazy ones and those of workers included. */
export async function readGraph(root: URL): Promise<Graph> {
  const workers = (await Array.fromAsync(findWorkers(root, ""))).sort();
  const modules = new Set<string>();
  const used = new Set<string>();
  const known = new Map<string, Package>();
  for (const entry of ["main.ts", ...workers]) {
    const info = await denoInfo(root, entry);
    for (const { specifier, npmPackage } of info.modules) {
      if (specifier.startsWith(root.href)) modules.add(specifier.slice(root.href.length));
      // Declarations of types are erased from what runs.
      if (npmPackage !== undefined && !npmPackage.startsWith("@types/")) used.add(npmPackage);
    }
    for (const [id, one] of Object.entries(info.npmPackages)) known.set(id, { ...one, id });
  }
  return { modules: [...modules].sort(), packages: closure(used, known), workers };
}

/** The packages that are used, with those that they need. */
function closure(used: ReadonlySet<string>, known: ReadonlyMap<string, Package>): Package[] {
  // A set goes on over what is added to it meanwhile.
  const ids = new Set(used);
  for (const id of ids) for (const needed of known.get(id)?.dependencies ?? []) ids.add(needed);
  return [...ids].sort().map((id) => {
    const found = known.get(id);
    if (found === undefined) throw new Error(`Cannot find package ${id}`);
    return found;
  });
}

/** Workers are named so: `reader_worker.ts`. */
async function* findWorkers(folder: URL, prefix: string): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (name.startsWith(".")) continue;
    if (isDirectory && !NOT_SHIPPED.has(prefix + name)) {
      yield* findWorkers(new URL(`${name}/`, folder), `${prefix}${name}/`);
    } else if (name.endsWith("_worker.ts")) {
      yield prefix + name;
    }
  }
}

interface Info {
  readonly modules: readonly { readonly specifier: string; readonly npmPackage?: string }[];
  readonly npmPackages: Readonly<Record<string, Omit<Package, "id">>>;
}

async function denoInfo(root: URL, entry: string): Promise<Info> {
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), {
    args: ["info", "--json", entry],
    cwd: root,
  }).output();
  if (!success) {
    throw new Error(`Cannot follow imports of ${entry}: ${new TextDecoder().decode(stderr)}`);
  }
  return JSON.parse(new TextDecoder().decode(stdout));
}
