/**
 * `hubbub admin`: looks after a running server, with the session of an admin that `hubbub login` keeps.
 *
 * @module
 */
import { StartError, UsageError } from "../config/errors.ts";
import { formatDuration } from "../config/units.ts";
import { parseCidr } from "../network/cidr.ts";
import { harmlessJson, harmlessLine } from "../text/harmless.ts";
import { didYouMean, quote } from "../text/wording.ts";
import { AdminApi, type Entry, type List } from "./admin_api.ts";
import { ADMIN_ACTIONS, type ADMIN_FLAGS } from "./admin_flags.ts";
import type { Input } from "./command.ts";
import { readSession, sessionPath } from "./session_file.ts";
import { isObject } from "./session_request.ts";
import { formatTable, formatTime } from "./table.ts";

type Action = typeof ADMIN_ACTIONS[number];
type AdminInput = Pick<Input<typeof ADMIN_FLAGS>, "flags" | "operands">;
type AdminFlags = AdminInput["flags"];
type FlagName = keyof AdminFlags;

/** What is printed: a value as JSON, or a text for people. */
interface Shown {
  readonly json: unknown;
  readonly text: string;
}

/** What an action takes, and what it does. */
interface Row {
  /** Names of the operands; the last may be left out if it ends in `?`. */
  readonly operands: readonly string[];
  /** Flags that mean something to it, besides `--server` and `--json`. */
  readonly flags: readonly FlagName[];
  act(api: AdminApi, operands: readonly string[], flags: AdminFlags): Promise<Shown>;
}

/** Runs the command. */
export async function run(input: Input<typeof ADMIN_FLAGS>): Promise<number> {
  console.log(await admin(input, sessionPath()));
  return 0;
}

/**
 * Does what the operands say. Resolves to what is to be printed.
 *
 * @param path the file that keeps sessions; empty: there is no place for one
 * @throws {UsageError} if they say nothing that can be done
 * @throws {StartError} if nobody is logged in, or the server refuses
 */
export async function admin({ flags, operands }: AdminInput, path: string): Promise<string> {
  const [word, ...rest] = operands;
  const action = findAction(word);
  const row = ACTIONS[action];
  checkInput(action, row, rest, flags);
  const saved = readSession(flags.server, path);
  if (saved === undefined) {
    throw new StartError(
      `Not logged in to ${flags.server}: run hubbub login ${flags.server} as an admin`,
    );
  }
  const { json, text } = await row.act(new AdminApi(flags.server, saved.session), rest, flags);
  return flags.json ? harmlessJson(json) : text;
}

function findAction(word: string | undefined): Action {
  const action = ADMIN_ACTIONS.find((one) => one === word);
  if (action !== undefined) return action;
  if (word === undefined) throw new UsageError("Missing argument ACTION: see hubbub admin --help");
  const hint = didYouMean(word, ADMIN_ACTIONS) ?? "see hubbub admin --help";
  throw new UsageError(`Unknown action ${quote(word)}: ${hint}`);
}

/** The flags that are given by what they are read as. */
const SETTINGS: readonly FlagName[] = [
  "for",
  "reason",
  "name",
  "connection",
  "user",
  "cancel",
  "search",
];

function checkInput(
  action: Action,
  { operands: names, flags: known }: Row,
  given: readonly string[],
  flags: AdminFlags,
): void {
  for (const name of SETTINGS) {
    const isGiven = flags[name] !== undefined && flags[name] !== false;
    if (isGiven && !known.includes(name)) {
      throw new UsageError(`Cannot use --${name} with ${action}: leave it out`);
    }
  }
  const surplus = given[names.length];
  if (surplus !== undefined) {
    const allowed = names.length === 0 ? "no argument" : `only ${names.join(" ").replace("?", "")}`;
    throw new UsageError(`Surplus argument ${quote(surplus)}: ${action} takes ${allowed}`);
  }
  const missing = names[given.length];
  if (missing !== undefined && !missing.endsWith("?")) {
    throw new UsageError(`Missing argument ${missing}: see hubbub admin --help`);
  }
}

const ACTIONS: Readonly<Record<Action, Row>> = {
  connections: list(
    { path: "connections", member: "connections", next: ["after", "number"] },
    ["NUMBER", "USER", "ROLE", "ADDRESS", "SINCE", "IDLE", "ROOMS", "AGENT"],
    ({ number, user, ip, since, idle_ms, rooms, agent }) => [
      text(number),
      isObject(user) ? text(user["name"]) : "",
      isObject(user) ? text(user["role"]) : "",
      text(ip),
      time(since),
      typeof idle_ms === "number" ? `${Math.round(idle_ms / 1000)}s` : "",
      Array.isArray(rooms) ? rooms.join(" ") : "",
      text(agent),
    ],
  ),
  users: list(
    { path: "users", member: "users", next: ["after", "name"] },
    ["NAME", "ID", "ROLE", "CONNECTIONS", "SEEN", "STATE"],
    ({ name, id, role, connections, seen, disabled }) => [
      text(name),
      `@${text(id)}`,
      text(role),
      text(connections),
      time(seen),
      disabled === true ? "disabled" : "",
    ],
    ["search"],
  ),
  rooms: list(
    { path: "rooms", member: "rooms", next: ["after", "room"] },
    ["ROOM", "ONLINE", "MESSAGES", "LAST", "STATE", "TOPIC"],
    (room) => [
      text(room["room"]),
      text(room["online"]),
      text(room["last"]),
      time(room["time"]),
      ["private", "closed"].filter((state) => room[state] === true).join(" "),
      text(room["topic"] ?? ""),
    ],
    ["search"],
  ),
  bans: list(
    { path: "bans", member: "bans" },
    ["ID", "KIND", "WHOM", "UNTIL", "REASON"],
    ({ id, kind, label, until, reason }) => [
      text(id),
      text(kind),
      text(label),
      until === undefined ? "it is lifted" : time(until),
      text(reason),
    ],
  ),
  audit: list(
    { path: "audit", member: "entries", next: ["before", "number"] },
    ["NUMBER", "TIME", "ADMIN", "ADDRESS", "ACT", "WHOM", "DETAIL"],
    (
      { number, time: when, name, ip, act, target, detail },
    ) => [text(number), time(when), ...[name, ip, act, target, detail].map(text)],
  ),

  kick: {
    operands: ["USER?"],
    flags: ["reason", "connection"],
    async act(api, [user], { reason, connection }) {
      if ((user === undefined) === (connection === undefined)) {
        throw new UsageError("Cannot kick: name either a USER or a --connection");
      }
      const body = { ...(user === undefined ? { connection } : { user }), ...given({ reason }) };
      const answer = await api.act("POST", "kick", body);
      const count = Number(answer["connections"]);
      return {
        json: answer,
        text: `Closed ${count} ${count === 1 ? "connection" : "connections"}`,
      };
    },
  },
  mute: sanction("mute", "USER", (user) => ({ user })),
  ban: sanction("bans", "USER or ADDRESS", (target, { name }) => {
    if (name) return { name: target };
    return parseCidr(target) === undefined ? { user: target } : { address: target };
  }),
  unban: {
    operands: ["ID"],
    flags: [],
    async act(api, [id = ""]) {
      await api.act("DELETE", `bans/${encodeURIComponent(id)}`);
      return { json: { lifted: id }, text: `Lifted ${harmlessLine(id)}` };
    },
  },
  close: sanction("close", "ROOM", (room) => ({ room })),
  delete: {
    operands: ["ROOM?", "SEQ?"],
    flags: ["user"],
    async act(api, [room, seq], { user }) {
      if (user !== undefined && room !== undefined) {
        throw new UsageError("Cannot delete: name either ROOM and SEQ or a --user");
      }
      if (user === undefined && !/^\d{1,15}$/.test(seq ?? "")) {
        throw new UsageError(
          "Cannot delete: name ROOM and SEQ, the number of the message, or a --user",
        );
      }
      const answer = await api.act(
        "POST",
        "delete",
        user === undefined ? { room, seq: Number(seq) } : {
          user,
        },
      );
      const count = Number(answer["deleted"]);
      return { json: answer, text: `Deleted ${count} ${count === 1 ? "message" : "messages"}` };
    },
  },
  announce: {
    operands: ["TEXT"],
    flags: [],
    async act(api, [content]) {
      await api.act("POST", "announce", { content });
      return { json: { announced: content }, text: "Told everybody who is connected" };
    },
  },
  drain: {
    operands: [],
    flags: ["for", "cancel"],
    async act(api, _operands, flags) {
      if (flags.cancel) {
        await api.act("DELETE", "drain");
        return { json: { draining: false }, text: "The server lets new clients in again" };
      }
      await api.act("POST", "drain", given({ for: lasting(flags) }));
      return { json: { draining: true }, text: "The server sends its clients to another one" };
    },
  },
};

/** An action that shows a list. */
function list(
  source: List,
  head: readonly string[],
  cells: (entry: Entry) => string[],
  flags: readonly FlagName[] = [],
): Row {
  return {
    operands: [],
    flags,
    async act(api, _operands, { limit, search }) {
      const entries = await api.list(source, { limit, search });
      const rows = entries.map(cells);
      return {
        json: entries,
        text: rows.length === 0
          ? `There are no ${source.member}.`
          : formatTable([[...head], ...rows]),
      };
    },
  };
}

/** An action that imposes something for a time. */
function sanction(
  path: string,
  operand: string,
  targetOf: (target: string, flags: AdminFlags) => Entry,
): Row {
  return {
    operands: [operand],
    flags: ["for", "reason", ...(path === "bans" ? ["name" as const] : [])],
    async act(api, [target = ""], flags) {
      const body = {
        ...targetOf(target, flags),
        ...given({ for: lasting(flags), reason: flags.reason }),
      };
      const answer = await api.act("POST", path, body);
      const { id, until } = answer;
      const end = until === undefined ? "until it is lifted" : `until ${time(until)}`;
      const lift = `hubbub admin unban ${text(id)} lifts it`;
      return {
        json: answer,
        text: harmlessLine(`${text(answer["label"])}: ${text(answer["kind"])} ${end}; ${lift}`),
      };
    },
  };
}

/** `--for` as the server takes it. */
function lasting({ for: ms }: AdminFlags): string | undefined {
  return ms === undefined ? undefined : ms === 0 ? "0" : formatDuration(ms);
}

/** The members that have a value. */
function given(members: Entry): Entry {
  return Object.fromEntries(Object.entries(members).filter(([, value]) => value !== undefined));
}

function text(value: unknown): string {
  return typeof value === "string" || typeof value === "number" ? String(value) : "";
}

/** A time in a table; empty if there is none. */
function time(value: unknown): string {
  return typeof value === "number" && value > 0 ? formatTime(value) : "";
}
