/**
 * What can be typed after a slash: names, arguments, meaning. The one list from which reading,
 * `/help` and completion come.
 *
 * @module
 */

/** A command that was typed. */
export interface Typed {
  readonly name: SlashName;
  readonly args: string;
}

/** What an argument is, for its completion. */
type Argument = "room" | "name" | "path" | "text";

interface SlashCommand {
  /** What follows the name, as `/help` shows it. */
  readonly usage: string;
  readonly help: string;
  readonly argument?: Argument;
}

/** All of them, in the order of `/help`. */
export const SLASH_COMMANDS = {
  join: {
    usage: "ROOM|@NAME",
    help: "enters a room or a direct conversation, or turns to it",
    argument: "room",
  },
  leave: { usage: "[ROOM]", help: "leaves a room", argument: "room" },
  rooms: { usage: "[TEXT]", help: "lists the rooms, or those whose name contains this" },
  who: { usage: "", help: "lists who is here" },
  members: { usage: "", help: "lists who is a member of this room, and who of them is online" },
  whoami: { usage: "", help: "tells who you are" },
  nick: { usage: "NAME", help: "changes your name", argument: "text" },
  msg: { usage: "NAME TEXT", help: "says something to one person only", argument: "name" },
  private: { usage: "ROOM [TOPIC]", help: "makes a private room", argument: "text" },
  invite: { usage: "NAME", help: "makes somebody a member of this room", argument: "name" },
  remove: { usage: "NAME", help: "removes somebody from this room", argument: "name" },
  role: {
    usage: "NAME ROLE",
    help: "makes a member of this room owner, moderator or member",
    argument: "name",
  },
  topic: {
    usage: "[TEXT]",
    help: "says what this room is about; alone, shows it",
    argument: "text",
  },
  reply: { usage: "TEXT", help: "answers the newest message of somebody else", argument: "text" },
  edit: { usage: "TEXT", help: "replaces your newest message", argument: "text" },
  delete: { usage: "", help: "takes your newest message back" },
  react: { usage: "EMOJI", help: "puts an emoji on the newest message", argument: "text" },
  file: { usage: "PATH", help: "sends a file", argument: "path" },
  search: { usage: "WORDS", help: "finds messages in your rooms", argument: "text" },
  clear: { usage: "", help: "clears the screen" },
  help: { usage: "", help: "shows this" },
  quit: { usage: "", help: "says goodbye" },
} as const satisfies Readonly<Record<string, SlashCommand>>;

/** The name of a command. */
export type SlashName = keyof typeof SLASH_COMMANDS;

/** What a line means. */
export type Meaning =
  | { readonly kind: "text"; readonly text: string }
  | { readonly kind: "command"; readonly command: Typed }
  | { readonly kind: "problem"; readonly problem: string };

/**
 * Reads a line. `//` at its beginning says a slash. A path such as `/etc/hosts` is no command, but a
 * word after one slash that is none is a slip of the finger rather than something to say.
 */
export function readLine(line: string): Meaning {
  if (line.startsWith("//")) return { kind: "text", text: line.slice(1) };
  const match = /^\/([a-z]+)(?:\s+(.*))?$/is.exec(line);
  if (match === null) return { kind: "text", text: line };
  const [, word = "", args = ""] = match;
  const name = word.toLowerCase();
  if (!isSlashName(name)) {
    const problem = `There is no /${word}: see /help, or begin with // to say it`;
    return { kind: "problem", problem };
  }
  const { usage } = SLASH_COMMANDS[name];
  const needed = usage.split(" ").filter((word) => /^[^[]/.test(word)).length;
  if (needed > (args.trim() === "" ? 0 : args.trim().split(/\s+/).length)) {
    return { kind: "problem", problem: `Write /${name} ${usage}` };
  }
  return { kind: "command", command: { name, args: args.trim() } };
}

/** The text of `/help`. */
export function helpText(): string {
  const rows = Object.entries(SLASH_COMMANDS).map(([name, { usage, help }]) =>
    `  ${`/${name} ${usage}`.padEnd(21)} ${help}`
  );
  return [
    ...rows,
    "  Tab completes, Up brings back what you said, Page Up scrolls, Alt+Enter breaks the line,",
    "  Alt+1 to Alt+9 turn to a room, Ctrl-C says goodbye.",
  ].join("\n");
}

/** Whom and what completion may offer. */
export interface Known {
  /** Rooms, and direct conversations as `@NAME`. */
  readonly rooms: readonly string[];
  readonly names: readonly string[];
  /** Paths that begin with this text; folders with `/` at the end. */
  paths(prefix: string): readonly string[];
}

/** What may stand in place of the end of the line, which is `word`. */
export function complete(
  line: string,
  known: Known,
): { word: string; candidates: readonly string[] } {
  const command = /^\/([a-z]*)$/i.exec(line);
  if (command !== null) {
    const names = Object.keys(SLASH_COMMANDS).map((name) => `/${name} `);
    return { word: line, candidates: starting(names, line) };
  }
  const [, name = "", rest = ""] = /^\/([a-z]+)\s+(.*)$/is.exec(line) ?? [];
  const argument = isSlashName(name) ? argumentOf(name) : undefined;
  if (argument === "path") return { word: rest, candidates: known.paths(rest) };
  if (argument === "room") return { word: rest, candidates: starting(known.rooms, rest) };
  if (argument === "name" && !rest.includes(" ")) {
    return { word: rest, candidates: starting(known.names.map((one) => `${one} `), rest) };
  }
  return completeName(line, known.names);
}

/** `@an` anywhere, or `an` at the beginning, where a name is followed by a colon. */
function completeName(line: string, names: readonly string[]) {
  const mention = /(?:^|\s)(@\S*)$/.exec(line)?.[1];
  if (mention !== undefined) {
    return { word: mention, candidates: starting(names.map((name) => `@${name} `), mention) };
  }
  if (line === "" || line.includes(" ")) return { word: "", candidates: [] };
  return { word: line, candidates: starting(names.map((name) => `${name}: `), line) };
}

/** Those that begin with a text, in whatever letter case. */
function starting(words: readonly string[], prefix: string): string[] {
  const wanted = prefix.toLowerCase();
  return words.filter((word) => word.toLowerCase().startsWith(wanted)).sort();
}

function argumentOf(name: SlashName): Argument | undefined {
  const command: SlashCommand = SLASH_COMMANDS[name];
  return command.argument;
}

function isSlashName(name: string): name is SlashName {
  return Object.hasOwn(SLASH_COMMANDS, name);
}
