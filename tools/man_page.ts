/**
 * Writes the man page from the description of the commands, in the macros of groff_man(7).
 *
 * @module
 */
import { SLASH_COMMANDS } from "../cli/chat/slash.ts";
import { COMMANDS, DEFAULT_COMMAND } from "../cli/commands.ts";
import { type Command, COMMON_FLAGS } from "../cli/command.ts";
import { type Flag, type Flags, variableName } from "../config/flags.ts";
import { VALUES_AND_VARIABLES } from "../cli/help.ts";
import { VERSION } from "../config/version.ts";
import { groupFlags } from "./flag_groups.ts";

/** The text of `docs/hubbub.1`. */
export function manPage(): string {
  return [
    `.TH HUBBUB 1 "" "hubbub ${VERSION}" "User Commands"`,
    ".SH NAME",
    "hubbub \\- a chat server in one executable",
    ".SH SYNOPSIS",
    ...Object.entries(COMMANDS).flatMap(([name, command]) => synopsis(name, command)),
    ".SH DESCRIPTION",
    "Hubbub serves a chat with rooms, presence, direct messages, files, search and a history that",
    "survives a power cut. The same executable is a terminal client and a benchmark.",
    `Without a command, hubbub runs \\fBhubbub ${DEFAULT_COMMAND}\\fR.`,
    ...VALUES_AND_VARIABLES.flatMap((text) => [".PP", roff(text)]),
    ".SH COMMANDS",
    ...Object.entries(COMMANDS).flatMap(([name, command]) => commandPart(name, command)),
    ".SH IN THE CHAT",
    "Lines typed in \\fBhubbub chat\\fR that begin with a slash are commands; // says a slash.",
    ...slashCommands(),
    ".SH EXIT STATUS",
    ".TP\n.B 0\nThe command succeeded.",
    ".TP\n.B 1\nThe command could not start, was refused, or failed; a chat also if the server ended " +
    "it for good, such as with the session.",
    ".TP\n.B 2\nThe command line or an environment variable is invalid.",
    ".TP\n.B 74\nThe disk of the server has failed, or data are damaged: start it again.",
    "",
  ].join("\n");
}

function slashCommands(): string[] {
  return Object.entries(SLASH_COMMANDS).flatMap(([name, { usage, help }]) => {
    const argument = usage === "" ? "" : ` \\fI${roff(usage)}\\fR`;
    return [".TP", `\\fB/${name}\\fR${argument}`, roff(help)];
  });
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
    ...groupFlags(flags).flatMap(({ heading, flags }) => [
      ...(heading === undefined ? [] : [".PP", `.B ${heading}`]),
      ...flagParts(flags),
    ]),
    ".PP",
    ".B Help",
    ...flagParts(COMMON_FLAGS),
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

/** Escapes text so that roff prints it as it is. */
function roff(text: string): string {
  return text.replaceAll("\\", "\\(rs").replaceAll("-", "\\-").replace(/^([.'])/, "\\&$1");
}
