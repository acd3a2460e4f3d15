/**
 * Parses a command's flags and operands from the arguments and the environment, and rejects anything
 * that is not exactly right. Flags take precedence over the environment, which takes precedence over
 * the defaults.
 *
 * @module
 */
import { parseArgs } from "@std/cli/parse-args";
import { UsageError } from "../config/errors.ts";
import { type Command, COMMON_FLAGS, type Input, type Operand } from "./command.ts";
import {
  type Flag,
  type Flags,
  settingName,
  type Switch,
  type Values,
  variableName,
} from "../config/flags.ts";
import { didYouMean, quote } from "../text/wording.ts";
import type { ValueKind } from "../config/values.ts";

/** Environment variables. */
export type Environment = Readonly<Record<string, string>>;

/** The text of a value, and its source as errors name it. */
interface Given {
  text: string;
  source: string;
}

/** Whether the arguments contain `--help`, `-h` or `--version`. They win over any mistake elsewhere. */
export function asksFor(args: readonly string[]): "help" | "version" | undefined {
  for (const arg of beforeDashes(args)) {
    if (arg === "--help" || arg === "-h") return "help";
    if (arg === "--version") return "version";
  }
  return undefined;
}

/**
 * Parses the arguments that follow the command's name.
 *
 * @param name name of the command, for errors
 * @throws {UsageError} with one line that says what is wrong, what is allowed and what to do
 */
export function parseInput<F extends Flags>(
  name: string,
  command: Pick<Command<F>, "flags" | "operands">,
  args: readonly string[],
  environment: Environment,
): Omit<Input<F>, "warnings"> {
  const flags: Flags = { ...command.flags, ...COMMON_FLAGS };
  const words = Object.keys(flags);
  const switches = words.filter((word) => flags[word]?.type === "switch");
  const parsed = parseArgs(spellOut(name, flags, args), {
    string: ["_", ...words.filter((word) => !switches.includes(word))],
    boolean: switches,
    collect: words,
  });
  const values = Object.entries(command.flags).map(([word, flag]) => {
    const given = (parsed[word] ?? []).map(String);
    return [settingName(word), readFlag(word, flag, given, environment)];
  });
  const nearSecret = Object.entries(flags).some(([word, flag]) =>
    flag.type !== "switch" && flag.kind.secret === true && parsed[word]?.length !== 0
  );
  checkOperands(name, command.operands, parsed._, nearSecret);
  // Each value was read by the kind in its flag's type.
  return { flags: Object.fromEntries(values) as Values<F>, operands: parsed._ };
}

function beforeDashes(args: readonly string[]): readonly string[] {
  const end = args.indexOf("--");
  return end < 0 ? args : args.slice(0, end);
}

/**
 * Rejects unknown flags and spells switches as `--switch=true`. This rules out everything that
 * parse-args accepts beyond our syntax: `--no-addr=1` for `--addr=1`, `--help=maybe`, a switch that
 * swallows a following `true`, clusters such as `-ha`, and dotted names.
 */
function spellOut(command: string, flags: Flags, args: readonly string[]): string[] {
  const flagArgs = beforeDashes(args);
  const spelled = flagArgs.map((arg) => {
    if (!arg.startsWith("-") || arg === "-") return arg;
    const [dashed = "", ...value] = arg.split("=");
    const word = findFlag(flags, dashed);
    if (word === undefined) throw unknownFlag(command, flags, dashed);
    if (flags[word]?.type !== "switch") return arg;
    if (value.length > 0) throw new UsageError(`${dashed} takes no value: write ${dashed} alone`);
    // Of a flag with a value, parse-args drops a leading "no-".
    return `--${word.replace(/^no-/, "no-no-")}=true`;
  });
  return [...spelled, ...args.slice(flagArgs.length)];
}

function findFlag(flags: Flags, dashed: string): string | undefined {
  const isShort = !dashed.startsWith("--");
  return Object.keys(flags).find((word) => {
    const flag = flags[word];
    if (!isShort) return dashed === `--${word}`;
    return flag?.type === "switch" && flag.short !== undefined && dashed === `-${flag.short}`;
  });
}

function unknownFlag(command: string, flags: Flags, dashed: string): UsageError {
  const word = dashed.replace(/^-+/, "");
  const hint = didYouMean(word, Object.keys(flags), "--") ?? `see hubbub ${command} --help`;
  const escape = dashed.startsWith("--") ? "" : " (put -- before an argument that begins with -)";
  return new UsageError(`Unknown flag ${quote(dashed)}: ${hint}${escape}`);
}

/** @param nearSecret a flag with a secret value was given, so a stray argument may be that secret */
function checkOperands(
  command: string,
  operands: readonly Operand[],
  given: readonly string[],
  nearSecret: boolean,
): void {
  const surplus = given[operands.length];
  if (surplus !== undefined) {
    const allowed = operands.length === 0
      ? "no argument"
      : `at most ${operands.map(({ name }) => name).join(" ")}`;
    const shown = nearSecret ? "(not shown, it may be secret)" : quote(surplus);
    throw new UsageError(
      `Surplus argument ${shown}: hubbub ${command} takes ${allowed}, see hubbub ${command} --help`,
    );
  }
  const missing = operands[given.length];
  if (missing !== undefined && missing.optional !== true) {
    throw new UsageError(
      `Missing argument ${missing.name} (${missing.help}): see hubbub ${command} --help`,
    );
  }
}

function readFlag(
  word: string,
  flag: Flag,
  args: readonly string[],
  environment: Environment,
): unknown {
  if (flag.type === "switch") return args.length > 0 || readSwitch(word, flag, environment);
  const given = collectGiven(word, flag, args, environment);
  if (flag.type === "repeated") return given.map((one) => readValue(flag.kind, one));
  const [first, second] = given;
  if (second !== undefined) {
    throw new UsageError(`${second.source} was given more than once: give it once`);
  }
  if (first !== undefined) return readValue(flag.kind, first);
  if (flag.type === "optional") return undefined;
  return readValue(flag.kind, { text: flag.default, source: `the default of --${word}` });
}

/** Whether the variable of a switch turns it on. An empty one counts as unset. */
function readSwitch(word: string, flag: Switch, environment: Environment): boolean {
  const source = variableName(word, flag);
  const text = source === undefined ? "" : environment[source] ?? "";
  if (text === "" || text === "false") return false;
  if (text === "true") return true;
  throw new UsageError(`Cannot read ${source}: must be true or false, received ${quote(text)}`);
}

/** The values from the command line, else those from the environment. Empty variables count as unset. */
function collectGiven(
  word: string,
  flag: Exclude<Flag, { type: "switch" }>,
  args: readonly string[],
  environment: Environment,
): Given[] {
  if (args.length > 0) {
    const source = `--${word}`;
    if (args.includes("")) {
      const { placeholder } = flag.kind;
      throw new UsageError(
        `${source} needs a value: write ${source} ${placeholder}, or ${source}=${placeholder} ` +
          "if it begins with -",
      );
    }
    return args.map((text) => ({ text, source }));
  }
  const source = variableName(word, flag);
  const text = source === undefined ? undefined : environment[source];
  if (source === undefined || text === undefined || text === "") return [];
  const texts = flag.type === "repeated" ? text.split(",").map((part) => part.trim()) : [text];
  return texts.filter((part) => part !== "").map((part) => ({ text: part, source }));
}

function readValue(kind: ValueKind<unknown>, { text, source }: Given): unknown {
  const value = kind.read(text);
  if (value !== undefined) return value;
  const received = kind.secret === true
    ? "what was received is secret and not shown"
    : `received ${quote(text)}`;
  throw new UsageError(`Cannot read ${source}: must be ${kind.expected}, ${received}`);
}
