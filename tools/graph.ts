/**
 * Finds the contents of the executable with `deno info`: the modules that `main.ts` and the workers
 * import, and their npm packages.
 *
 * @module
 */

/** An embedded npm package. */
export interface Package {
  /** As in the lock file: name, version, and the versions of its peer dependencies. */
  readonly id: string;
  readonly name: string;
  readonly version: string;
  /** Ids. */
  readonly dependencies: readonly string[];
  /** The directory of its files in Deno's cache. */
  readonly localPath: string;
}

/** The modules and packages of the executable. */
export interface Graph {
  /** Paths relative to the project's directory, sorted. */
  readonly modules: readonly string[];
  /** Sorted by id. */
  readonly packages: readonly Package[];
  /** Modules that run in workers, which are not imported: paths relative to the project's directory. */
  readonly workers: readonly string[];
}

/** Directories without workers of the executable. */
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

/** Follows the imports of the project, including lazy ones and those of workers. */
export async function readGraph(root: URL): Promise<Graph> {
  const workers = (await Array.fromAsync(findWorkers(root, ""))).sort();
  const modules = new Set<string>();
  const used = new Set<string>();
  const known = new Map<string, Package>();
  for (const entry of ["main.ts", ...workers]) {
    const info = await denoInfo(root, entry);
    for (const { specifier, npmPackage } of info.modules) {
      if (specifier.startsWith(root.href)) modules.add(specifier.slice(root.href.length));
      // Type declarations are erased.
      if (npmPackage !== undefined && !npmPackage.startsWith("@types/")) used.add(npmPackage);
    }
    for (const [id, one] of Object.entries(info.npmPackages)) known.set(id, { ...one, id });
  }
  return { modules: [...modules].sort(), packages: closure(used, known), workers };
}

/** The packages in use and their dependencies. */
function closure(used: ReadonlySet<string>, known: ReadonlyMap<string, Package>): Package[] {
  // Iteration over a set includes the elements that are added meanwhile.
  const ids = new Set(used);
  for (const id of ids) for (const needed of known.get(id)?.dependencies ?? []) ids.add(needed);
  return [...ids].sort().map((id) => {
    const found = known.get(id);
    if (found === undefined) throw new Error(`Cannot find package ${id}`);
    return found;
  });
}

/** Finds the workers, whose names end like `reader_worker.ts`. */
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
