/**
 * What a flag is, as data: its type, its default, its bounds and its help. Parsing, environment
 * variables, `--help`, the man page and docs/configuration.md all derive from such a description.
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

/** The environment variable of a flag: `HUBBUB_MAX_FILE` for `max-file`; none for switches. */
export function variableName(name: string, flag: Flag): string | undefined {
  if (flag.type === "switch" || flag.env === false) return undefined;
  return `${VARIABLE_PREFIX}${name.replaceAll("-", "_").toUpperCase()}`;
}

/** How each variable of ours begins. */
export const VARIABLE_PREFIX = "HUBBUB_";
