/**
 * Completion for bash 4 or later.
 *
 * @module
 */
import type { ShellCommand, ShellValue } from "./describe.ts";

/** Makes the script, which needs nothing but bash. */
export function bashScript(commands: readonly ShellCommand[], defaultCommand: string): string {
  const names = commands.map(({ name }) => name);
  return `# bash completion for hubbub; source it, or save it as
# \${XDG_DATA_HOME:-~/.local/share}/bash-completion/completions/hubbub
_hubbub() {
  local current=\${COMP_WORDS[COMP_CWORD]} previous=\${COMP_WORDS[COMP_CWORD - 1]}
  local command=${defaultCommand} words= first=1
  case \${COMP_WORDS[1]} in
  ${names.join(" | ")})
    command=\${COMP_WORDS[1]}
    first=2
    ;;
  esac
  COMPREPLY=()
  case "$command $previous" in
${commands.flatMap(valueCases).join("\n")}
  esac
  case $command in
${commands.map(flagCase).join("\n")}
  esac
  if ((COMP_CWORD == 1)); then words="$words ${names.join(" ")}"; fi
  if ((COMP_CWORD == first)); then
    case $command in
${commands.flatMap(argumentCase).join("\n")}
    esac
  fi
  mapfile -t COMPREPLY < <(compgen -W "$words" -- "$current")
}
complete -F _hubbub hubbub
`;
}

function valueCases({ name: command, flags }: ShellCommand): string[] {
  return flags.flatMap(({ name, value }) => {
    const generate = generator(value);
    if (generate === undefined) return [];
    const fill = generate === "" ? "" : `mapfile -t COMPREPLY < <(${generate} -- "$current"); `;
    return [`  "${command} --${name}") ${fill}return ;;`];
  });
}

/** The command that generates a flag's values; empty if they are not known, `undefined` if it has none. */
function generator(value: ShellValue): string | undefined {
  switch (value.kind) {
    case "none":
      return undefined;
    case "words":
      return `compgen -W "${value.words.join(" ")}"`;
    case "file":
      return "compgen -f";
    case "directory":
      return "compgen -d";
    case "any":
      return "";
  }
}

function flagCase({ name, flags }: ShellCommand): string {
  return `  ${name}) words="${flags.map((flag) => `--${flag.name}`).join(" ")}" ;;`;
}

function argumentCase({ name, argument }: ShellCommand): string[] {
  if (argument.kind !== "words") return [];
  return [`    ${name}) words="$words ${argument.words.join(" ")}" ;;`];
}
