/**
 * What a command is, as data: its operands, its flags, and the module that runs it. The table of all
 * commands is in `cli/commands.ts`.
 *
 * @module
 */
import type { Flags, Values } from "../config/flags.ts";

/** A plain argument. */
export interface Operand {
  /** As in `--help`, such as `URL`. */
  readonly name: string;
  readonly help: string;
  /** Need not be given; only such ones may follow. */
  readonly optional?: true;
  /** All values there are, if they are few; for completions. */
  readonly choices?: readonly string[];
}

/** What a command is started with. */
export interface Input<F extends Flags> {
  readonly flags: Values<F>;
  /** As many as given; at least those that are not optional. */
  readonly operands: readonly string[];
  /** What looks wrong in the environment, one line each; nothing that would keep the command from running. */
  readonly warnings: readonly string[];
}

/** The module of a command, loaded when it is picked. */
export interface CommandModule<F extends Flags> {
  /** Does the work and resolves to the exit code. May throw a `StartError` or a `UsageError`. */
  run(input: Input<F>): Promise<number>;
}

/** One command. */
export interface Command<F extends Flags = Flags> {
  /** What it does, in one line. */
  readonly summary: string;
  readonly operands: readonly Operand[];
  readonly flags: F;
  /** Command lines that show its use, without the leading `hubbub`. */
  readonly examples?: readonly string[];
  /** Imports with a literal specifier, so that `deno compile` finds the module. */
  load(): Promise<CommandModule<F>>;
}

/** All commands by name. */
export type Commands = Readonly<Record<string, Command>>;

/** Ties the flags of a command to what its module takes. */
export function command<F extends Flags>(description: Command<F>): Command<F> {
  return description;
}

/** The flags that every command has. */
export const COMMON_FLAGS = {
  help: { type: "switch", short: "h", help: "shows this help" },
  version: { type: "switch", help: "shows the version" },
} as const satisfies Flags;
