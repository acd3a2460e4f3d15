/**
 * The version of this program, and the commit that it was compiled from.
 *
 * @module
 */
import manifest from "../deno.json" with { type: "json" };

/** The version in `deno.json`, such as `0.1.0`. */
export const VERSION: string = manifest.version;

/** Written by the compile task and embedded with `--include`; only executables read it. */
const COMMIT_FILE = "dist/commit.txt";

/** The commit that the executable was compiled from; `dev` if run from source. */
export function commit(): string {
  if (!Deno.build.standalone) return "dev";
  try {
    return Deno.readTextFileSync(new URL(`../${COMMIT_FILE}`, import.meta.url)).trim();
  } catch {
    return "unknown";
  }
}

/** The line that `--version` prints: `hubbub 0.1.0 (dev, Deno 2.9.6, x86_64-unknown-linux-gnu)`. */
export function versionLine(): string {
  return `hubbub ${VERSION} (${commit()}, Deno ${Deno.version.deno}, ${Deno.build.target})`;
}
