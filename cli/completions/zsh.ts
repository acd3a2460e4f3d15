/**
 * Completion for zsh.
 *
 * @module
 */
import type { ShellCommand, ShellFlag, ShellValue } from "./describe.ts";

/** Makes the script, for a file `_hubbub` in a directory of `$fpath`. */
export function zshScript(commands: readonly ShellCommand[], defaultCommand: string): string {
  return `#compdef hubbub
# zsh completion for hubbub; save it as _hubbub in a directory of $fpath
_hubbub() {
  local -a commands=(
${commands.map(({ name, help }) => `    ${quote(`${name}:${help}`)}`).join("\n")}
  )
  local command=${defaultCommand}
  if (( CURRENT == 2 )); then _describe command commands; fi
  if (( \${+commands[(r)$words[2]:*]} )); then
    command=$words[2]
    words=("\${(@)words[1]}" "\${(@)words[3,-1]}")
    (( CURRENT-- ))
  fi
  case $command in
${commands.map(commandCase).join("\n")}
  esac
}
_hubbub "$@"
`;
}

function commandCase({ name, flags, argument }: ShellCommand): string {
  const specs = [...flags.map(flagSpec), ...argumentSpecs(argument)];
  return `  ${name})\n    _arguments ${specs.map(quote).join(" \\\n      ")}\n    ;;`;
}

function flagSpec({ name, short, help, value }: ShellFlag): string {
  const spelled = `--${name}[${escape(help)}]${valueSpec(value)}`;
  return short === undefined ? spelled : `(-${short})${spelled}`;
}

function valueSpec(value: ShellValue): string {
  switch (value.kind) {
    case "none":
      return "";
    case "words":
      return `:value:(${value.words.join(" ")})`;
    case "file":
      return ":file:_files";
    case "directory":
      return ":directory:_files -/";
    case "any":
      return ":value: ";
  }
}

function argumentSpecs(argument: ShellValue): string[] {
  return argument.kind === "words" ? [`1:argument:(${argument.words.join(" ")})`] : [];
}

/** Escapes what has a meaning within the brackets of `_arguments`. */
function escape(text: string): string {
  return text.replace(/[[\]\\:]/g, "\\$&");
}

function quote(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}
