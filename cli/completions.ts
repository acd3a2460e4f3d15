/**
 * `hubbub completions`: prints a shell completion script.
 *
 * @module
 */
import { bashScript } from "./completions/bash.ts";
import { describeCommands, type ShellCommand } from "./completions/describe.ts";
import { fishScript } from "./completions/fish.ts";
import { zshScript } from "./completions/zsh.ts";
import { UsageError } from "../config/errors.ts";
import type { CommandTable, Input } from "./command.ts";
import { quote } from "../text/wording.ts";

type Script = (commands: readonly ShellCommand[], defaultCommand: string) => string;

const SCRIPTS: ReadonlyMap<string, Script> = new Map([
  ["bash", bashScript],
  ["zsh", zshScript],
  ["fish", fishScript],
]);

/** Prints the completion script of the shell that the operand names. */
export function run(
  { operands }: Input<Record<never, never>>,
  { commands, defaultCommand }: CommandTable,
): Promise<number> {
  const [shell = ""] = operands;
  const script = SCRIPTS.get(shell);
  if (script === undefined) {
    throw new UsageError(
      `Cannot complete in ${quote(shell)}: must be one of ${[...SCRIPTS.keys()].join(", ")}`,
    );
  }
  const text = script(describeCommands(commands), defaultCommand);
  Deno.stdout.writeSync(new TextEncoder().encode(text));
  return Promise.resolve(0);
}
