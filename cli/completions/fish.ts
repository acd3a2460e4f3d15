/**
 * Completion for fish.
 *
 * @module
 */
import type { ShellCommand, ShellFlag, ShellValue } from "./describe.ts";

/** Makes the script, for `~/.config/fish/completions/hubbub.fish`. */
export function fishScript(commands: readonly ShellCommand[], defaultCommand: string): string {
  const names = commands.map(({ name }) => name);
  const others = names.filter((name) => name !== defaultCommand).join(" ");
  return [
    "# fish completion for hubbub; save it as ~/.config/fish/completions/hubbub.fish",
    "complete -c hubbub -f",
    ...commands.map(({ name, help }) =>
      `complete -c hubbub -n ${quote(`not __fish_seen_subcommand_from ${names.join(" ")}`)} ` +
      `-a ${name} -d ${quote(help)}`
    ),
    ...commands.flatMap(({ name, flags, argument }) => {
      const condition = name === defaultCommand
        ? `not __fish_seen_subcommand_from ${others}`
        : `__fish_seen_subcommand_from ${name}`;
      const start = `complete -c hubbub -n ${quote(condition)}`;
      return [
        ...flags.map((flag) => `${start} ${flagOptions(flag)}`),
        ...(argument.kind === "words" ? [`${start} -a ${quote(argument.words.join(" "))}`] : []),
      ];
    }),
    "",
  ].join("\n");
}

function flagOptions({ name, short, help, value }: ShellFlag): string {
  const letter = short === undefined ? "" : `-s ${short} `;
  return `${letter}-l ${name}${valueOptions(value)} -d ${quote(help)}`;
}

function valueOptions(value: ShellValue): string {
  switch (value.kind) {
    case "none":
      return "";
    case "words":
      return ` -x -a ${quote(value.words.join(" "))}`;
    case "file":
      return " -r -F";
    case "directory":
      return ` -x -a ${quote("(__fish_complete_directories)")}`;
    case "any":
      return " -x";
  }
}

function quote(text: string): string {
  return `'${text.replace(/['\\]/g, "\\$&")}'`;
}
