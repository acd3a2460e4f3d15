/**
 * What people type at a terminal: parses one line into what it asks for. The requests that come out are not
 * checked yet.
 *
 * @module
 */

/** What a line asks for. */
export type Line =
  /** A request as a client with JSON would write it. */
  | { readonly kind: "request"; readonly request: Readonly<Record<string, unknown>> }
  /** Enters a room; the caller knows whether the person is in it already. */
  | { readonly kind: "join"; readonly room: string }
  /** Leaves a room; if there is none, the one in which the person talks. */
  | { readonly kind: "leave"; readonly room?: string }
  | { readonly kind: "help" }
  | { readonly kind: "quit" }
  /** It cannot be read, for this reason. */
  | { readonly kind: "unreadable"; readonly reason: string }
  /** It says nothing. */
  | { readonly kind: "blank" };

interface CommandKind {
  /** How it is written, for help. */
  readonly usage: string;
  readonly help: string;
  /** Reads the arguments, without white space around them; `undefined` if they are wrong. */
  read(rest: string): Line | undefined;
}

/** The commands, in the order of their help. */
const COMMANDS: ReadonlyMap<string, CommandKind> = new Map(Object.entries(
  {
    nick: {
      usage: "/nick NAME",
      help: "changes your name",
      read: (rest) => rest === "" ? undefined : request({ type: "rename", content: rest }),
    },
    join: {
      usage: "/join ROOM",
      help: "enters another room, or talks in it again",
      read: (rest) => rest === "" ? undefined : { kind: "join", room: roomName(rest) },
    },
    leave: {
      usage: "/leave [ROOM]",
      help: "leaves a room; without ROOM, the one you talk in",
      read: (rest) => rest === "" ? { kind: "leave" } : { kind: "leave", room: roomName(rest) },
    },
    who: {
      usage: "/who [ROOM]",
      help: "lists who is in a room",
      read: (rest) => request({ type: "users", ...(rest !== "" && { room: roomName(rest) }) }),
    },
    rooms: {
      usage: "/rooms",
      help: "lists the rooms",
      read: () => request({ type: "rooms" }),
    },
    msg: {
      usage: "/msg NAME TEXT",
      help: 'sends a direct message; quote a name with spaces: /msg "ann b" hi',
      read: readDirect,
    },
    private: {
      usage: "/private ROOM",
      help: "makes a private room",
      read: (rest) =>
        rest === "" ? undefined : request({ type: "create", room: roomName(rest), private: true }),
    },
    invite: {
      usage: "/invite NAME",
      help: "makes somebody a member of the room you talk in",
      read: (rest) => rest === "" ? undefined : request({ type: "invite", user: rest }),
    },
    remove: {
      usage: "/remove NAME",
      help: "removes somebody from it",
      read: (rest) => rest === "" ? undefined : request({ type: "remove", user: rest }),
    },
    topic: {
      usage: "/topic TEXT",
      help: "says what it is about",
      read: (rest) => rest === "" ? undefined : request({ type: "topic", content: rest }),
    },
    help: { usage: "/help", help: "shows this help", read: () => ({ kind: "help" }) },
    quit: { usage: "/quit", help: "ends the connection", read: () => ({ kind: "quit" }) },
  } satisfies Record<string, CommandKind>,
));

/** What can be typed besides commands. */
const OTHER_LINES: readonly Pick<CommandKind, "usage" | "help">[] = [
  { usage: "NUMBER:TEXT", help: "sends a direct message to that connection, as in 2:hello" },
  { usage: "//TEXT", help: "says a text that begins with a slash" },
  { usage: " TEXT", help: "with a space in front, says a text that begins like NUMBER:" },
];

/** What can be typed, for a person to read. */
export const HELP = [
  "What you type is said in the room you entered last. You can also type:",
  ...[...COMMANDS.values(), ...OTHER_LINES].map(({ usage, help }) => `${usage.padEnd(15)} ${help}`),
].join("\n");

/** Reads one line. Never throws. */
export function readLine(text: string): Line {
  const line = text.replace(/\r$/, "");
  if (line.trim() === "") return { kind: "blank" };
  if (line.startsWith("//")) return say(line.slice(1));
  if (line.startsWith("/")) return readCommand(line.slice(1));
  const [, number, content] = /^(\d{1,15}):\s*(.*)$/s.exec(line) ?? [];
  if (number === undefined || content === undefined) return say(line);
  if (content !== "") return request({ type: "direct", to: `#${Number(number)}`, content });
  return unreadable(`Cannot send direct message: there is no text after ${number}:`);
}

function readCommand(line: string): Line {
  const [name = ""] = /^\S*/.exec(line) ?? [];
  const rest = line.slice(name.length).trim();
  const command = COMMANDS.get(name.toLowerCase());
  if (command === undefined) {
    return unreadable(
      `There is no command /${name.slice(0, 32)}: /help lists the commands, and ` +
        "//TEXT says a text that begins with a slash",
    );
  }
  return command.read(rest) ?? unreadable(`Cannot read command: usage is ${command.usage}`);
}

function readDirect(rest: string): Line | undefined {
  const [start, to] = /^"([^"]+)"/.exec(rest) ?? /^(\S+)/.exec(rest) ?? [];
  if (start === undefined || to === undefined) return undefined;
  const behind = rest.slice(start.length);
  const content = behind.trimStart();
  if (content === "" || content === behind) return undefined;
  return request({ type: "direct", to, content });
}

function say(content: string): Line {
  return request({ type: "user", content });
}

/** People write rooms the way they see them: `#dev`. */
function roomName(text: string): string {
  return text.replace(/^#/, "");
}

function request(request: Readonly<Record<string, unknown>>): Line {
  return { kind: "request", request };
}

function unreadable(reason: string): Line {
  return { kind: "unreadable", reason };
}
