/**
 * What a shell needs to know of the commands, in a form that all three shells' scripts are written
 * from.
 *
 * @module
 */
import { type Commands, COMMON_FLAGS } from "../command.ts";
import type { Flag, Flags } from "../../config/flags.ts";

/** A flag as a shell sees it. */
export interface ShellFlag {
  /** Without the dashes. */
  readonly name: string;
  /** Without the dash. */
  readonly short?: string;
  /** A few words. */
  readonly help: string;
  readonly value: ShellValue;
}

/** What may follow a flag or stand as an argument. */
export type ShellValue =
  /** The flag takes no value. */
  | { readonly kind: "none" }
  | { readonly kind: "words"; readonly words: readonly string[] }
  | { readonly kind: "file" }
  | { readonly kind: "directory" }
  /** Anything, which the shell cannot know. */
  | { readonly kind: "any" };

/** A command as a shell sees it. */
export interface ShellCommand {
  readonly name: string;
  readonly help: string;
  readonly flags: readonly ShellFlag[];
  /** Of the first argument, where there is one. */
  readonly argument: ShellValue;
}

/** Longest explanation, in characters. */
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

/** The first clause, cut if it is long. */
function shorten(text: string): string {
  const clause = text.split(/[;:.] /)[0] ?? text;
  return clause.length > MAX_HELP ? `${clause.slice(0, MAX_HELP - 1).trimEnd()}…` : clause;
}
