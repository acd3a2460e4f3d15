import { COMMANDS, DEFAULT_COMMAND } from "../../cli/commands.ts";
import { bashScript } from "../../cli/completions/bash.ts";
import { describeCommands } from "../../cli/completions/describe.ts";
import { fishScript } from "../../cli/completions/fish.ts";
import { zshScript } from "../../cli/completions/zsh.ts";
import { assert, assertEquals, assertStringIncludes } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";

const described = describeCommands(COMMANDS);
const SCRIPTS = {
  bash: bashScript(described, DEFAULT_COMMAND),
  zsh: zshScript(described, DEFAULT_COMMAND),
  fish: fishScript(described, DEFAULT_COMMAND),
};

/** Whether a shell is installed. */
async function has(shell: string): Promise<boolean> {
  try {
    return (await new Deno.Command(shell, { args: ["--version"] }).output()).success;
  } catch {
    return false;
  }
}

/** Runs a shell with a script on its standard input. */
async function runShell(shell: string, args: string[], input: string): Promise<string> {
  await using child = new Deno.Command(shell, {
    args,
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input));
  await writer.close();
  const { stdout, stderr, success } = await within(DEADLINE, `${shell} to end`, child.output());
  assert(success, new TextDecoder().decode(stderr));
  return new TextDecoder().decode(stdout);
}

for (const [shell, script] of Object.entries(SCRIPTS)) {
  Deno.test(`completions of ${shell} know every command and flag`, () => {
    for (const [name, { flags }] of Object.entries(COMMANDS)) {
      assertStringIncludes(script, name);
      for (const flag of Object.keys(flags)) {
        assertStringIncludes(script, shell === "fish" ? `-l ${flag} ` : `--${flag}`);
      }
    }
  });

  const installed = await has(shell);
  Deno.test({
    name: `completions of ${shell} are a script without errors${
      installed ? "" : " (not installed)"
    }`,
    ignore: !installed,
    fn: async () => void await runShell(shell, ["-n"], script),
  });
}

/** The completions that bash offers for the last of these words. */
async function offered(...words: string[]): Promise<string[]> {
  const line = words.map((word) => `'${word}'`).join(" ");
  const output = await runShell(
    "bash",
    ["--norc"],
    `${SCRIPTS.bash}
COMP_WORDS=(hubbub ${line}); COMP_CWORD=${words.length}
_hubbub; printf '%s\\n' "\${COMPREPLY[@]}"`,
  );
  return output.split("\n").filter((word) => word !== "");
}

for (
  const [words, expected] of [
    [["ch"], ["chat", "check"]],
    [["serve", "--sy"], ["--sync"]],
    [["--sy"], ["--sync"]],
    [["serve", "--sync", ""], ["full", "normal", "off"]],
    [["completions", "z"], ["zsh"]],
    [["chat", "--room", ""], []],
    [["bench", "x", "--js"], ["--json"]],
    [["users", "end"], ["end-sessions"]],
    [["invite", "r"], ["revoke"]],
    [["invite", "--role", ""], ["member", "admin"]],
    [["serve", "--register", ""], ["open", "invite", "off"]],
  ] as const
) {
  Deno.test({
    name: `completions of bash after ${words.join(" ")}`,
    ignore: !(await has("bash")),
    fn: async () => assertEquals(await offered(...words), [...expected]),
  });
}
