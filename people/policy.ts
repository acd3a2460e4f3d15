/**
 * Who may do what: the one place that decides it, for WebSocket and HTTP alike.
 *
 * - **Anybody** may connect, log in, and read what is said: as long as everybody may log in and read
 *   there, a rule about reading would keep nobody out.
 * - **Whoever is logged in** may do in a room whatever a connection can ask for, and upload files with
 *   the connection's session.
 * - **A bot** may also post through the HTTP API and read the metrics.
 * - **A name** that belongs to a bot is for that bot alone.
 *
 * A file's URL is its permission: the id in it has 144 random bits and is told only where the file was
 * announced. A file that no message announces is for the session that uploaded it.
 *
 * @module
 */
import { type ClientRequest, foldName } from "../protocol.ts";
import type { Principal } from "./principal.ts";

/** What can be asked for: a request on a connection, or something over HTTP. */
export type Verb =
  | ClientRequest["type"]
  /** Opening a WebSocket. */
  | "connect"
  /** Reading rooms, history and search over HTTP. */
  | "read"
  /** Saying something over HTTP. */
  | "post"
  | "upload"
  | "metrics";

type Rule = (principal: Principal) => boolean;

const anybody: Rule = () => true;
const loggedIn: Rule = ({ user }) => user !== undefined;
const withSession: Rule = ({ sessions }) => sessions !== undefined;
const bot: Rule = ({ role }) => role === "bot";

/** A new verb does not compile until somebody decides who may use it. */
const RULES: Readonly<Record<Verb, Rule>> = {
  connect: anybody,
  login: anybody,
  ping: anybody,
  read: anybody,
  post: bot,
  upload: withSession,
  metrics: bot,
  user: loggedIn,
  join: loggedIn,
  leave: loggedIn,
  rename: loggedIn,
  direct: loggedIn,
  users: loggedIn,
  rooms: loggedIn,
  history: loggedIn,
  search: loggedIn,
  edit: loggedIn,
  delete: loggedIn,
  react: loggedIn,
  typing: loggedIn,
  file: loggedIn,
  logout: loggedIn,
};

/** Decides. Knows no state but its own: what it is asked about is handed in. */
export class Policy {
  readonly #reservedNames: ReadonlySet<string>;

  /** @param reservedNames names of bots, which only they may use */
  constructor(reservedNames: Iterable<string> = []) {
    this.#reservedNames = new Set(Array.from(reservedNames, foldName));
  }

  /**
   * Whether somebody may do something.
   *
   * @param _room where; every room is public today, so no rule looks at it yet
   */
  may(principal: Principal, verb: Verb, _room?: string): boolean {
    return RULES[verb](principal);
  }

  /** Whether somebody may be called this, if nobody else is. */
  mayUseName({ role, user }: Principal, name: string): boolean {
    const key = foldName(name);
    if (!this.#reservedNames.has(key)) return true;
    return role === "bot" && user !== undefined && foldName(user.name) === key;
  }

  /**
   * Whether somebody may fetch a file whose address they know.
   *
   * @param file.announced whether a message refers to it
   * @param file.own whether this principal uploaded it
   */
  mayFetch({ announced, own }: { announced: boolean; own: boolean }): boolean {
    return announced || own;
  }
}
