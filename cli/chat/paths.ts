/**
 * Paths as people type them: with `~` for their home, and half of the last part missing.
 *
 * @module
 */

/** Most paths that a completion offers. */
const MAX_PATHS = 50;

/** Replaces a leading `~/` by the home directory, if there is one. */
export function expandHome(path: string): string {
  if (!path.startsWith("~/")) return path;
  const home = Deno.env.get("HOME") ?? Deno.env.get("USERPROFILE");
  return home === undefined ? path : home + path.slice(1);
}

/** What exists and begins with a path, as the user would type it; folders with `/` at the end. */
export function completePath(prefix: string): string[] {
  const cut = prefix.lastIndexOf("/") + 1;
  const folder = prefix.slice(0, cut);
  const beginning = prefix.slice(cut);
  const found: string[] = [];
  try {
    for (const entry of Deno.readDirSync(folder === "" ? "." : expandHome(folder))) {
      const isHidden = entry.name.startsWith(".") && !beginning.startsWith(".");
      if (isHidden || !entry.name.startsWith(beginning)) continue;
      found.push(`${folder}${entry.name}${entry.isDirectory ? "/" : ""}`);
      if (found.length === MAX_PATHS) break;
    }
  } catch {
    // A folder that is not there or not ours has nothing to offer.
  }
  return found.sort();
}
