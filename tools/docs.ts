/**
 * Writes the generated documents: the man page, and what stands between markers in Markdown files.
 *
 * | marker | holds |
 * | --- | --- |
 * | `flags` | all flags of all commands, by heading |
 * | `flags serve addr data` | the named flags of one command; all of them if none is named |
 * | `rfc6455` | where each transport deviates from RFC 6455, as its test knows it |
 * | `benchmark throughput` | a table from `docs/benchmark.json`: see {@linkcode BENCHMARK_PARTS} |
 *
 * A marker is `<!-- flags -->`, and `<!-- /flags -->` ends its part.
 *
 * @module
 */
import { COMMANDS } from "../cli/commands.ts";
import { type Command, COMMON_FLAGS } from "../cli/command.ts";
import { flagTable, VALUES_AND_VARIABLES } from "../cli/help.ts";
import type { Flags } from "../config/flags.ts";
import { type Benchmark, BENCHMARK_PARTS } from "./benchmark_tables.ts";
import { deviationsPart } from "../tests/transport/rfc6455/table.ts";
import { groupFlags } from "./flag_groups.ts";
import { manPage } from "./man_page.ts";

/** Documents with markers. */
const MARKED_FILES = [
  "README.md",
  "docs/configuration.md",
  "docs/performance.md",
  "docs/transports.md",
];

const MARKED = /(<!-- (flags|benchmark|rfc6455)([a-z0-9 -]*) -->)[\s\S]*?(<!-- \/\2 -->)/g;

/** Keep the formatter off the generated part, which it would lay out differently. */
const IGNORE_START = "<!-- deno-fmt-ignore-start -->";
const IGNORE_END = "<!-- deno-fmt-ignore-end -->";

/** The text that each generated file should hold, by its path below the project's folder. */
export async function generatedFiles(root: URL): Promise<Map<string, string>> {
  const files = new Map([["docs/hubbub.1", manPage()]]);
  const benchmark: Benchmark = JSON.parse(
    await Deno.readTextFile(new URL("docs/benchmark.json", root)),
  );
  for (const path of MARKED_FILES) {
    files.set(path, fillParts(await Deno.readTextFile(new URL(path, root)), benchmark));
  }
  return files;
}

/**
 * Replaces the text between all markers.
 *
 * @throws {Error} if a marker names a command, flag or table that does not exist
 */
export function fillParts(text: string, benchmark: Benchmark): string {
  return text.replace(MARKED, (_all, begin: string, kind: string, words: string, end: string) => {
    const names = words.split(" ").filter((name) => name !== "");
    const part = kind === "rfc6455"
      ? deviationsPart()
      : kind === "flags"
      ? flagPart(names)
      : benchmarkPart(names, benchmark);
    return [begin, IGNORE_START, "", part.trim(), "", IGNORE_END, end].join("\n");
  });
}

function benchmarkPart(names: readonly string[], benchmark: Benchmark): string {
  const name = names.join(" ");
  const part = BENCHMARK_PARTS.get(name);
  if (part === undefined) throw new Error(`Cannot fill part: there is no benchmark "${name}"`);
  return part(benchmark);
}

function flagPart([name, ...flagNames]: readonly string[]): string {
  if (name === undefined) return allFlags();
  const command = Object.entries<Command>(COMMANDS).find(([one]) => one === name)?.[1];
  if (command === undefined) throw new Error(`Cannot fill part: there is no command "${name}"`);
  return flagTable(flagNames.length === 0 ? command.flags : pick(name, command.flags, flagNames));
}

function pick(command: string, flags: Flags, names: readonly string[]): Flags {
  return Object.fromEntries(names.map((name) => {
    const flag = flags[name];
    if (flag !== undefined) return [name, flag];
    throw new Error(`Cannot fill part: hubbub ${command} has no flag --${name}`);
  }));
}

function allFlags(): string {
  const commands = Object.entries<Command>(COMMANDS).flatMap(([name, { summary, flags }]) => [
    `## hubbub ${name}`,
    `${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`,
    ...groupFlags(flags).flatMap(({ heading, flags }) => [
      ...(heading === undefined ? [] : [`### ${heading}`]),
      flagTable(flags).trimEnd(),
    ]),
  ]);
  return [
    ...VALUES_AND_VARIABLES,
    ...commands,
    "## Every command",
    flagTable(COMMON_FLAGS).trimEnd(),
  ].join("\n\n");
}

if (import.meta.main) {
  const root = new URL("../", import.meta.url);
  for (const [path, text] of await generatedFiles(root)) {
    await Deno.writeTextFile(new URL(path, root), text);
    console.log(`Wrote ${path}`);
  }
}
