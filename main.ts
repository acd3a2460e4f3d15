/**
 * Hubbub's entry point: finds the command, parses its flags, runs it, and exits with its result.
 * 0: success; 1: the command could not start or failed; 2: the command line or the environment is
 * wrong; 74: the server's disk has failed (`EXIT` in `config/errors.ts`).
 *
 * @module
 */
import { COMMANDS, DEFAULT_COMMAND } from "./cli/commands.ts";
import { warnOfUnknown } from "./cli/environment.ts";
import { StartError, UsageError } from "./config/errors.ts";
import type { Command } from "./cli/command.ts";
import { commandHelp, generalHelp } from "./cli/help.ts";
import { asksFor, type Environment, parseInput } from "./cli/parse.ts";
import { didYouMean, quote } from "./text/wording.ts";
import { versionLine } from "./config/version.ts";

/** Maximum width of help on a terminal, and its width elsewhere, in columns. */
const MAX_HELP_WIDTH = 100;
const HELP_WIDTH = 80;

/** Runs a command line and resolves to its exit code. Prints usage and start errors in one line. */
export async function main(args: readonly string[], environment: Environment): Promise<number> {
  try {
    return await runCommand(args, environment);
  } catch (error) {
    if (!(error instanceof UsageError || error instanceof StartError)) throw error;
    console.error(`hubbub: ${error.message}`);
    return error.exitCode;
  }
}

async function runCommand(args: readonly string[], environment: Environment): Promise<number> {
  const [first] = args;
  const named = first !== undefined && !first.startsWith("-");
  const name = named ? first : DEFAULT_COMMAND;
  const command = findCommand(name);
  const rest = named ? args.slice(1) : args;
  const asked = asksFor(rest);
  if (asked !== undefined) {
    console.log(asked === "version" ? versionLine() : help(name, command, named));
    return 0;
  }
  const input = parseInput(name, command, rest, environment);
  const { run } = await command.load();
  const warnings = warnOfUnknown(environment, COMMANDS);
  return await run({ ...input, warnings }, {
    commands: COMMANDS,
    defaultCommand: DEFAULT_COMMAND,
  });
}

function findCommand(name: string): Command {
  const found = Object.entries(COMMANDS).find(([known]) => known === name);
  if (found !== undefined) return found[1];
  const hint = didYouMean(name, Object.keys(COMMANDS)) ?? "see hubbub --help";
  throw new UsageError(`Unknown command ${quote(name)}: ${hint}`);
}

function help(name: string, command: Command, named: boolean): string {
  const width = Deno.stdout.isTerminal()
    ? Math.min(Deno.consoleSize().columns, MAX_HELP_WIDTH)
    : HELP_WIDTH;
  return named ? commandHelp(name, command, width) : generalHelp(width);
}

if (import.meta.main) {
  Deno.exit(await main(Deno.args, Deno.env.toObject()));
}
