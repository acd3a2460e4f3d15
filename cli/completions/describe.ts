/**
 * Describes the commands for shell completion. The scripts of all three shells are made from this.
 *
 * @module
 */
import { type Commands, COMMON_FLAGS } from "../command.ts";
import type { Flag, Flags } from "../../config/flags.ts";

/** A flag, for a shell. */
export interface ShellFlag {
  /** Without the dashes. */
  readonly name: string;
  /** Without the dash. */
  readonly short?: string;
  /** A short description. */
  readonly help: string;
  readonly value: ShellValue;
}

/** The values of a flag or argument. */
export type ShellValue =
  /** The flag takes no value. */
  | { readonly kind: "none" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "file" }
  | { readonly kind: "directory" }
  /** Anything; the shell cannot complete it. */
  | { readonly kind: "any" };

/** A command, for a shell. */
export interface ShellCommand {
  readonly name: string;
  readonly help: string;
  readonly flags: readonly ShellFlag[];
  /** The values of the first argument. */
  readonly argument: ShellValue;
}

/** Maximum length of a description, in characters. */
const MAX_HELP = 70;

/** Describes all commands. */
export function describeCommands(commands: Commands): ShellCommand[] {
  return Object.entries(commands).map(([name, { summary, flags, operands }]) => {
    const [operand] = operands;
    const words = operand?.choices;
    return {
      name,
      help: shorten(summary),
      flags: describeFlags({ ...flags, ...COMMON_FLAGS }),
      argument: operand === undefined
        ? { kind: "none" }
        : words === undefined
        ? { kind: "any" }
        : { kind: "words", words },
    };
  });
}

function describeFlags(flags: Flags): ShellFlag[] {
  return Object.entries(flags).map(([name, flag]) => ({
    name,
    help: shorten(flag.help),
    value: valueOf(flag),
    ...(flag.type === "switch" && flag.short !== undefined && { short: flag.short }),
  }));
}

function valueOf(flag: Flag): ShellValue {
  if (flag.type === "switch") return { kind: "none" };
  const { choices, completes } = flag.kind;
  if (choices !== undefined) return { kind: "words", words: choices };
  return { kind: completes ?? "any" };
}

/** The first clause of a text, shortened if it is long. */
function shorten(text: string): string {
  const clause = text.split(/[;:.] /)[0] ?? text;
  return clause.length > MAX_HELP ? `${clause.slice(0, MAX_HELP - 1).trimEnd()}…` : clause;
}
