/**
 * Who may do what: the one place that decides it, for WebSocket and HTTP alike.
 *
 * - **A room** that is private, and a direct conversation, is there for its members only. A token that
 *   names rooms opens these, private ones too, and no others.
 * - **A room that an admin has closed** is there for nobody, admins included, until that is lifted.
 * - **Whoever is logged in** may do in a room that is there for them whatever a connection can ask for,
 *   say something there over HTTP, and upload files.
 * - **Owners and moderators** invite to their room, remove from it, set its topic and delete what is said
 *   there; owners also give roles. In public rooms admins may do all of it, and where nobody is the owner,
 *   members may set the topic and invite.
 * - **With `--access members`** nothing is answered to anybody without a session but what it takes to get
 *   one.
 *
 * @module
 */
import type { ClientRequest, RoomRole } from "../protocol.ts";
import type { Principal } from "./principal.ts";
import type { Applied } from "./sanctions.ts";

/** What can be asked for: a request on a connection, or something over HTTP. */
export type Verb =
  | ClientRequest["type"]
  /** Opening a WebSocket. */
  | "connect"
  /** Reading rooms, history and search over HTTP. */
  | "view"
  /** Saying something over HTTP. */
  | "post"
  | "upload"
  | "metrics"
  /** Deleting what somebody else has said. */
  | "moderate"
  /** Changing what was said before there were users, which belongs to nobody. */
  | "adopt"
  /** Everything below `/api/admin/`. */
  | "administer";

/** A room, as far as it matters to who asks. */
export interface RoomAccess {
  readonly name: string;
  /** Whether it is there for its members only. */
  readonly isPrivate: boolean;
  readonly hasOwner: boolean;
  /** What the one who asks is in it; absent: no member. */
  readonly role?: RoomRole | undefined;
  /** An admin has closed it; absent: nobody has. */
  readonly closed?: Applied | undefined;
}

/** Who may enter: `open`: anybody, as a guest; `members`: who has a session. */
export type AccessMode = "open" | "members";

type Rule = (principal: Principal, room: RoomAccess | undefined, mode: AccessMode) => boolean;

const anybody: Rule = () => true;
const whoMayEnter: Rule = ({ user }, _room, mode) => mode === "open" || user !== undefined;
const loggedIn: Rule = ({ user }) => user !== undefined;
const program: Rule = ({ user }) => user?.role === "bot" || user?.role === "admin";
const admin: Rule = ({ user }) => user?.role === "admin";
/** The server is more than the rooms that a token may name. */
const wholeAdmin: Rule = ({ user, rooms }) => user?.role === "admin" && rooms === undefined;

/** An owner of the room, or an admin if the room is public. */
const owner: Rule = ({ user }, room) =>
  user !== undefined && room !== undefined &&
  (room.role === "owner" || user.role === "admin" && !room.isPrivate);

/** Also a moderator. */
const moderator: Rule = (principal, room, mode) =>
  owner(principal, room, mode) || principal.user !== undefined && room?.role === "moderator";

/** Also, in a public room without an owner, whoever is no guest. */
const caretaker: Rule = (principal, room, mode) =>
  moderator(principal, room, mode) ||
  principal.user !== undefined && principal.user.role !== "guest" &&
    room !== undefined && !room.isPrivate && !room.hasOwner;

/** A new verb does not compile until somebody decides who may use it. */
const RULES: Readonly<Record<Verb, Rule>> = {
  connect: whoMayEnter,
  login: anybody,
  ping: anybody,
  view: whoMayEnter,
  post: loggedIn,
  upload: loggedIn,
  metrics: program,
  moderate: moderator,
  adopt: admin,
  administer: wholeAdmin,
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
  create: loggedIn,
  invite: caretaker,
  remove: moderator,
  topic: caretaker,
  role: owner,
  read: loggedIn,
  logout: loggedIn,
};

/** Decides. Knows no state: what it is asked about is handed in. */
export class Policy {
  readonly #mode: AccessMode;

  constructor(mode: AccessMode = "open") {
    this.#mode = mode;
  }

  /** Whether somebody may do something, in a room if it is about one. */
  may(principal: Principal, verb: Verb, room?: RoomAccess): boolean {
    if (room !== undefined && !this.maySee(principal, room)) return false;
    return RULES[verb](principal, room, this.#mode);
  }

  /** Whether a room is there for somebody at all. */
  maySee({ rooms }: Principal, { name, isPrivate, role, closed }: RoomAccess): boolean {
    if (closed !== undefined) return false;
    if (rooms !== undefined) return rooms.includes(name);
    return !isPrivate || role !== undefined;
  }
}
