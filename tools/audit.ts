/**
 * Asks the npm registry whether anything is known to be wrong with the dependencies: `npm audit` on what
 * `deno.json` imports. Needs npm. Exits with its code: 1 if something was found.
 *
 *     deno task audit [FLAG OF NPM AUDIT]...
 *
 * @module
 */
import manifest from "../deno.json" with { type: "json" };

/** The packages that are imported, with their versions. */
export function dependencies(imports: Readonly<Record<string, string>>): Record<string, string> {
  const found: Record<string, string> = {};
  for (const specifier of Object.values(imports)) {
    const [, name, version] = /^npm:(@[^/]+\/[^@/]+|[^@/]+)@([^/]+)/.exec(specifier) ?? [];
    if (name === undefined || version === undefined) {
      throw new Error(`Cannot audit ${specifier}: must be npm:NAME@VERSION`);
    }
    found[name] = version;
  }
  return found;
}

async function audit(flags: readonly string[]): Promise<number> {
  const folder = await Deno.makeTempDir();
  try {
    const text = JSON.stringify({ private: true, dependencies: dependencies(manifest.imports) });
    await Deno.writeTextFile(`${folder}/package.json`, text);
    // Resolves only: nothing is unpacked, and no script of a package runs.
    const lock = ["install", "--package-lock-only", "--ignore-scripts", "--no-fund", "--no-audit"];
    const code = await npm(lock, folder);
    return code === 0 ? await npm(["audit", ...flags], folder) : code;
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

async function npm(args: readonly string[], cwd: string): Promise<number> {
  const command = new Deno.Command("npm", { args: [...args], cwd });
  return (await command.spawn().status).code;
}

if (import.meta.main) Deno.exit(await audit(Deno.args));
