/**
 * A command as data: its operands, its flags, and the module that runs it. `cli/commands.ts` lists
 * all commands.
 *
 * @module
 */
import type { Flags, Values } from "../config/flags.ts";

/** A positional argument. */
export interface Operand {
  /** As in `--help`, such as `URL`. */
  readonly name: string;
  readonly help: string;
  /** May be left out. Only optional operands may follow an optional one. */
  readonly optional?: true;
  /** All valid values if there are only a few, for shell completion. */
  readonly choices?: readonly string[];
}

/** The parsed command line of one command. */
export interface Input<F extends Flags> {
  readonly flags: Values<F>;
  /** At least the required operands, at most all of them. */
  readonly operands: readonly string[];
  /** Suspicious environment variables, one line each. None of them stops the command. */
  readonly warnings: readonly string[];
}

/** The module of a command, loaded only when the command runs. */
export interface CommandModule<F extends Flags> {
  /**
   * Runs the command and resolves to its exit code.
   *
   * @param commands all commands, for those that describe the command line itself
   * @throws {StartError | UsageError} with a message of one line
   */
  run(input: Input<F>, commands: CommandTable): Promise<number>;
}

/** One command. */
export interface Command<F extends Flags = Flags> {
  /** What it does: one line, without a full stop at the end. */
  readonly summary: string;
  readonly operands: readonly Operand[];
  readonly flags: F;
  /** Example command lines, without the leading `hubbub`. */
  readonly examples?: readonly string[];
  /** Imports the module with a literal specifier, so that `deno compile` finds it. */
  load(): Promise<CommandModule<F>>;
}

/** Commands by name, in the order of `--help`. */
export type Commands = Readonly<Record<string, Command>>;

/** All commands, and the one that runs when the command line names none. */
export interface CommandTable {
  readonly commands: Commands;
  readonly defaultCommand: string;
}

/** Checks that a command's flags are the ones that its module takes. */
export function command<F extends Flags>(description: Command<F>): Command<F> {
  return description;
}

/** The flags that every command has. */
export const COMMON_FLAGS = {
  help: { type: "switch", short: "h", help: "shows this help" },
  version: { type: "switch", help: "shows the version" },
} as const satisfies Flags;
