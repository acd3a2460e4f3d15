/**
 * Writes the man page from the description of the commands.
 *
 * @module
 */
import { COMMANDS, DEFAULT_COMMAND } from "../cli/commands.ts";
import { type Command, COMMON_FLAGS } from "../cli/command.ts";
import { type Flag, type Flags, variableName } from "../config/flags.ts";
import { VALUES_AND_VARIABLES } from "../cli/help.ts";
import { VERSION } from "../config/version.ts";

/** The page in the man macros (groff_man(7)). */
export function manPage(): string {
  return [
    `.TH HUBBUB 1 "" "hubbub ${VERSION}" "User Commands"`,
    ".SH NAME",
    "hubbub \\- a chat server in one executable",
    ".SH SYNOPSIS",
    ...Object.entries(COMMANDS).flatMap(([name, command]) => synopsis(name, command)),
    ".SH DESCRIPTION",
    "Hubbub serves a chat: rooms, names, direct messages, files, search and a history that survives",
    "a power cut. The same executable chats in the terminal and measures servers.",
    `Without a command it is \\fBhubbub ${DEFAULT_COMMAND}\\fR.`,
    ...VALUES_AND_VARIABLES.flatMap((text) => [".PP", roff(text)]),
    ".SH COMMANDS",
    ...Object.entries(COMMANDS).flatMap(([name, command]) => commandPart(name, command)),
    ".SH EXIT STATUS",
    ".TP\n.B 0\nThe work is done.",
    ".TP\n.B 1\nIt could not be started, was refused, or failed.",
    ".TP\n.B 2\nThe command line or the environment is wrong.",
    "",
  ].join("\n");
}

function synopsis(name: string, { operands }: Command): string[] {
  const words = operands.map((operand) => operand.optional ? `[${operand.name}]` : operand.name);
  return [`.B hubbub ${name}`, roff([...words, "[FLAG]..."].join(" ")), ".br"];
}

function commandPart(name: string, command: Command): string[] {
  const { summary, operands, flags, examples = [] } = command;
  return [
    `.SS hubbub ${name}`,
    roff(`${summary.charAt(0).toUpperCase()}${summary.slice(1)}.`),
    ...operands.flatMap((operand) => [".TP", `.I ${operand.name}`, roff(operand.help)]),
    ...flagParts({ ...flags, ...COMMON_FLAGS }),
    ...(examples.length === 0 ? [] : [
      ".PP",
      "Examples:",
      ".nf",
      ...examples.map((example) => `.B "${roff(`  hubbub ${example}`).replaceAll('"', "\\(dq")}"`),
      ".fi",
    ]),
  ];
}

function flagParts(flags: Flags): string[] {
  return Object.entries(flags).flatMap((
    [name, flag],
  ) => [".TP", term(name, flag), text(name, flag)]);
}

function term(name: string, flag: Flag): string {
  const short = flag.type === "switch" && flag.short !== undefined
    ? `\\fB\\-${flag.short}\\fR, `
    : "";
  const value = flag.type === "switch" ? "" : ` \\fI${roff(flag.kind.placeholder)}\\fR`;
  return `${short}\\fB${roff(`--${name}`)}\\fR${value}`;
}

function text(name: string, flag: Flag): string {
  const variable = variableName(name, flag);
  const absent = flag.type === "single"
    ? flag.default
    : flag.type === "optional"
    ? flag.absent
    : "";
  const notes = [
    ...(absent ? [`default: ${absent}`] : []),
    ...(variable === undefined ? [] : [variable]),
  ];
  return roff(`${flag.help}${notes.length === 0 ? "" : ` (${notes.join("; ")})`}`);
}

/** Text that means nothing to roff but itself. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\(rs").replaceAll("-", "\\-").replace(/^([.'])/, "\\&$1");
}
