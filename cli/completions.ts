/**
 * `hubbub completions`: prints what teaches a shell to complete our commands.
 *
 * @module
 */
import { COMMANDS, DEFAULT_COMMAND } from "./commands.ts";
import { bashScript } from "./completions/bash.ts";
import { describeCommands, type ShellCommand } from "./completions/describe.ts";
import { fishScript } from "./completions/fish.ts";
import { zshScript } from "./completions/zsh.ts";
import { UsageError } from "../config/errors.ts";
import type { Input } from "./command.ts";
import { quote } from "../text/wording.ts";

type Script = (commands: readonly ShellCommand[], defaultCommand: string) => string;

const SCRIPTS: ReadonlyMap<string, Script> = new Map([
  ["bash", bashScript],
  ["zsh", zshScript],
  ["fish", fishScript],
]);

/** Prints the script of a shell. */
export function run({ operands }: Input<Record<never, never>>): Promise<number> {
  const [shell = ""] = operands;
  const script = SCRIPTS.get(shell);
  if (script === undefined) {
    throw new UsageError(
      `Cannot complete in ${quote(shell)}: must be one of ${[...SCRIPTS.keys()].join(", ")}`,
    );
  }
  Deno.stdout.writeSync(
    new TextEncoder().encode(script(describeCommands(COMMANDS), DEFAULT_COMMAND)),
  );
  return Promise.resolve(0);
}
