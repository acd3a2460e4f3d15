/**
 * Formats commands and flags for people: `--help`, and the tables of flags in the documentation.
 *
 * @module
 */
import { COMMANDS, DEFAULT_COMMAND } from "./commands.ts";
import { type Command, COMMON_FLAGS, type Operand } from "./command.ts";
import { type Flag, type Flags, variableName } from "../config/flags.ts";

/** The column in which descriptions start. */
const INDENT = 30;

/** Notes on the format of values and on environment variables, a paragraph each. */
export const VALUES_AND_VARIABLES = [
  "DURATION is a whole number followed by ms, s, m, h or d: 500ms, 20s, 90d. SIZE is a whole " +
  "number of bytes, or a whole number followed by KiB, MiB, GiB or TiB.",
  "Most flags with a value can also be set by an environment variable: --max-file by " +
  "HUBBUB_MAX_FILE. The flag takes precedence, and an empty variable counts as unset. If a flag " +
  "may be repeated, its variable takes a list separated by commas.",
];

/** `hubbub --help`: the commands, and the flags of the default command. */
export function generalHelp(width: number): string {
  const commands = Object.entries(COMMANDS).map(([name, { summary }]) =>
    row(`hubbub ${name}`, summary, width)
  );
  return paragraphs([
    "Hubbub: a chat server in one executable.",
    "Usage: hubbub [COMMAND] [FLAG]...",
    section("Commands", commands),
    `Flags of hubbub ${DEFAULT_COMMAND}, the default command:`,
    ...flagSections(COMMANDS[DEFAULT_COMMAND].flags, width),
    ...VALUES_AND_VARIABLES.map((text) => wrap(text, width)),
    "hubbub COMMAND --help shows the flags of a command.",
  ]);
}

/** `hubbub COMMAND --help`. */
export function commandHelp(name: string, command: Command, width: number): string {
  const operands = command.operands.map((operand) => row(operand.name, operand.help, width));
  const examples = (command.examples ?? []).map((example) => `  hubbub ${example}`);
  return paragraphs([
    wrap(`hubbub ${name}: ${command.summary}.`, width),
    ["Usage: hubbub", name, ...command.operands.map(operandUsage), "[FLAG]..."].join(" "),
    section("Arguments", operands),
    ...flagSections(command.flags, width),
    ...VALUES_AND_VARIABLES.map((text) => wrap(text, width)),
    section("Examples", examples),
  ]);
}

/** The flags of a command as a Markdown table: flag, variable, default, description. */
export function flagTable(flags: Flags): string {
  const rows = Object.entries(flags).map(([name, flag]) => {
    const variable = variableName(name, flag);
    const cells = [
      code(flagUsage(name, flag)),
      variable === undefined ? "" : code(variable),
      flag.type === "single" ? code(flag.default) : absence(flag),
      flag.help,
    ];
    return `| ${cells.map((cell) => cell.replaceAll("|", "\\|")).join(" | ")} |`;
  });
  return ["| flag | variable | default | what |", "| --- | --- | --- | --- |", ...rows, ""]
    .join("\n");
}

/** Breaks a text into lines of at most `width` columns; all but the first are indented. */
export function wrap(text: string, width: number, indent = 0): string {
  const lines: string[] = [];
  let line = "";
  for (const word of text.split(" ")) {
    if (line !== "" && line.length + 1 + word.length > width - indent) {
      lines.push(line);
      line = word;
    } else {
      line = line === "" ? word : `${line} ${word}`;
    }
  }
  return [...lines, line].join(`\n${" ".repeat(indent)}`);
}

function flagSections(flags: Flags, width: number): string[] {
  const sections: { heading: string; rows: string[] }[] = [];
  for (const [name, flag] of Object.entries(flags)) {
    const heading = flag.heading ?? (sections.length === 0 ? "Flags" : undefined);
    if (heading !== undefined) sections.push({ heading, rows: [] });
    sections.at(-1)?.rows.push(flagRow(name, flag, width));
  }
  const common = Object.entries(COMMON_FLAGS).map(([name, flag]) => flagRow(name, flag, width));
  return [
    ...sections.map(({ heading, rows }) => section(heading, rows)),
    section("Help", common),
  ];
}

function flagRow(name: string, flag: Flag, width: number): string {
  const short = flag.type === "switch" && flag.short !== undefined ? `-${flag.short}, ` : "";
  const absent = flag.type === "single" ? flag.default : absence(flag);
  const note = absent === "" ? "" : ` (default: ${absent})`;
  return row(`${short}${flagUsage(name, flag)}`, `${flag.help}${note}`, width);
}

function flagUsage(name: string, flag: Flag): string {
  return flag.type === "switch" ? `--${name}` : `--${name} ${flag.kind.placeholder}`;
}

function operandUsage({ name, optional }: Operand): string {
  return optional === true ? `[${name}]` : name;
}

/** What an optional flag means if it is not given; empty for the other kinds. */
function absence(flag: Flag): string {
  return flag.type === "optional" ? flag.absent ?? "" : "";
}

function row(term: string, text: string, width: number): string {
  const explained = wrap(text, width, INDENT);
  return term.length + 4 > INDENT
    ? `  ${term}\n${" ".repeat(INDENT)}${explained}`
    : `  ${term}`.padEnd(INDENT) + explained;
}

function section(heading: string, rows: readonly string[]): string {
  return rows.length === 0 ? "" : [`${heading}:`, ...rows].join("\n");
}

function paragraphs(parts: readonly string[]): string {
  return parts.filter((part) => part !== "").join("\n\n");
}

function code(text: string): string {
  return `\`${text}\``;
}
