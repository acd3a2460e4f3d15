/**
 * Brings up to date what is written from the description of the commands: the man page, and the
 * tables of flags between markers in the README.
 *
 * `<!-- flags -->` … `<!-- /flags -->` holds all commands, `<!-- flags serve -->` those of one.
 *
 * @module
 */
import { COMMANDS } from "../cli/commands.ts";
import { flagTable } from "../cli/help.ts";
import { manPage } from "./man_page.ts";

const MARKED = /(<!-- flags(?: ([a-z]+))? -->)[\s\S]*?(<!-- \/flags -->)/g;

/** Keeps the formatter off tables that it would lay out otherwise. */
const IGNORE = "<!-- deno-fmt-ignore-start -->";
const HEED = "<!-- deno-fmt-ignore-end -->";

/** What the files should hold, by their paths below the project's folder. */
export async function generatedFiles(root: URL): Promise<Map<string, string>> {
  const files = new Map([["docs/hubbub.1", manPage()]]);
  const readme = await readIfThere(new URL("README.md", root));
  if (readme !== undefined) files.set("README.md", fillTables(readme));
  return files;
}

/** Writes the tables of flags between the markers of a text. */
export function fillTables(text: string): string {
  return text.replace(MARKED, (_all, begin: string, name: string | undefined, end: string) => {
    const commands = Object.entries(COMMANDS).filter(([one]) => name === undefined || one === name);
    if (commands.length === 0) throw new Error(`Cannot fill table: there is no command ${name}`);
    const tables = commands.map(([one, { summary, flags }]) => {
      const heading = name === undefined ? `**\`hubbub ${one}\`** ${summary}\n` : "";
      return heading + (Object.keys(flags).length === 0 ? "" : `\n${flagTable(flags)}`);
    });
    return [begin, IGNORE, "", tables.join("\n").trimEnd(), "", HEED, end].join("\n");
  });
}

async function readIfThere(file: URL): Promise<string | undefined> {
  try {
    return await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

if (import.meta.main) {
  const root = new URL("../", import.meta.url);
  for (const [path, text] of await generatedFiles(root)) {
    await Deno.writeTextFile(new URL(path, root), text);
    console.log(`Wrote ${path}`);
  }
}
