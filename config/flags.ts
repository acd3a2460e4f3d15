/**
 * A flag as data: its type, its default, its bounds and its help. Parsing, environment variables,
 * `--help`, the man page and the tables of flags in the documentation all derive from it.
 *
 * @module
 */
import type { ValueKind } from "./values.ts";

interface FlagText {
  /** One or two sentences without a full stop at the end. The default is appended automatically. */
  readonly help: string;
  /** Starts a section with this heading in `--help`. */
  readonly heading?: string;
  /** `false`: the flag has no environment variable. A name: it has that of this flag. */
  readonly env?: false | string;
}

/**
 * A flag without a value: on if given. Has an environment variable, of `true` or `false`, only if `lasting`:
 * not every switch is for ever.
 */
export interface Switch extends FlagText {
  readonly type: "switch";
  readonly lasting?: true;
  /** The letter of the short form, such as `h` for `-h`. */
  readonly short?: string;
}

/** A flag with a default, so that it always has a value. */
export interface Single<T> extends FlagText {
  readonly type: "single";
  readonly kind: ValueKind<T>;
  /** In the form of the command line. */
  readonly default: string;
}

/** A flag without a default. */
export interface Optional<T> extends FlagText {
  readonly type: "optional";
  readonly kind: ValueKind<T>;
  /** What happens if it is not given, for the documentation: `keep all`. */
  readonly absent?: string;
}

/** A flag that may be given any number of times. Its variable takes a list separated by commas. */
export interface Repeated<T> extends FlagText {
  readonly type: "repeated";
  readonly kind: ValueKind<T>;
}

/** A flag of any type. */
export type Flag = Switch | Single<unknown> | Optional<unknown> | Repeated<unknown>;

/** Flags by their names without the leading dashes, in the order of `--help`. */
export type Flags = Readonly<Record<string, Flag>>;

/** The parsed values by the names of the settings: `maxFile` for `--max-file`. */
export type Values<F extends Flags> = {
  readonly [Name in keyof F & string as SettingName<Name>]: ValueOf<F[Name]>;
};

type SettingName<Name extends string> = Name extends `${infer First}-${infer Rest}`
  ? `${First}${Capitalize<SettingName<Rest>>}`
  : Name;

type ValueOf<F extends Flag> = F extends Switch ? boolean
  : F extends Single<infer T> ? T
  : F extends Optional<infer T> ? T | undefined
  : F extends Repeated<infer T> ? readonly T[]
  : never;

/** The environment variable of a flag: `HUBBUB_MAX_FILE` for `max-file`; none for most switches. */
export function variableName(name: string, flag: Flag): string | undefined {
  if (flag.env === false || flag.type === "switch" && flag.lasting !== true) return undefined;
  return `${VARIABLE_PREFIX}${(flag.env ?? name).replaceAll("-", "_").toUpperCase()}`;
}

/** The name of a flag's setting in camel case: `maxFile` for `max-file`. */
export function settingName(flag: string): string {
  return flag.replace(/-(.)/g, (_all, letter: string) => letter.toUpperCase());
}

/** The prefix of all our environment variables. */
export const VARIABLE_PREFIX = "HUBBUB_";
