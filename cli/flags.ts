/**
 * What a command and its flags are, as data. From such a description come the parsing
 * (`cli/parse.ts`), the environment variables, `--help` and the README's table (`cli/help.ts`); the
 * commands themselves are described in `cli/commands.ts`.
 *
 * @module
 */
import type { ValueKind } from "./values.ts";

interface FlagText {
  /** One or two sentences without a full stop at the end; the default is added by itself. */
  readonly help: string;
  /** Begins a section of this name in `--help`. */
  readonly heading?: string;
  /** `false`: the flag has no environment variable. */
  readonly env?: false;
}

/** On when given, without a value. Has no environment variable. */
export interface Switch extends FlagText {
  readonly type: "switch";
  /** One letter, for `-h`. */
  readonly short?: string;
}

/** Has a value in any case. */
export interface Single<T> extends FlagText {
  readonly type: "single";
  readonly kind: ValueKind<T>;
  /** As it would be given on the command line. */
  readonly default: string;
}

/** Has a value only if given. */
export interface Optional<T> extends FlagText {
  readonly type: "optional";
  readonly kind: ValueKind<T>;
  /** What it means that it is not given, such as `keep all`. */
  readonly absent?: string;
}

/** May be given any number of times; in the environment, values are separated by commas. */
export interface Repeated<T> extends FlagText {
  readonly type: "repeated";
  readonly kind: ValueKind<T>;
}

/** One flag of whatever kind. */
export type Flag = Switch | Single<unknown> | Optional<unknown> | Repeated<unknown>;

/** The flags of a command by their names without the dashes, in the order of `--help`. */
export type Flags = Readonly<Record<string, Flag>>;

/** What the flags come to. */
export type Values<F extends Flags> = {
  readonly [Name in keyof F]: ValueOf<F[Name]>;
};

type ValueOf<F extends Flag> = F extends Switch ? boolean
  : F extends Single<infer T> ? T
  : F extends Optional<infer T> ? T | undefined
  : F extends Repeated<infer T> ? readonly T[]
  : never;

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

/** The environment variable of a flag: `HUBBUB_MAX_FILE` for `max-file`; none for switches. */
export function variableName(name: string, flag: Flag): string | undefined {
  if (flag.type === "switch" || flag.env === false) return undefined;
  return `${VARIABLE_PREFIX}${name.replaceAll("-", "_").toUpperCase()}`;
}

/** How each variable of ours begins. */
export const VARIABLE_PREFIX = "HUBBUB_";
