/**
 * What the server answers a connection or a request with: who it is, lists, pages. Times are milliseconds
 * since 1970.
 *
 * @module
 */
import type { User, UserMessage } from "./message.ts";
import type { RoomRole, SearchPosition } from "./requests.ts";

/** A user, as `users` lists them. */
export interface UserEntry extends User {
  /** Whether one of their connections is in the room; in a direct conversation: is anywhere. */
  online: boolean;
  /** Their role in the room; absent if they are no member of it. */
  room_role?: RoomRole;
}

/** A room that a user is a member of, as the answer to their login lists it. */
export interface MembershipEntry {
  /** A direct conversation: `@ID` of the other one. */
  room: string;
  /** Greatest `seq` assigned in the room; 0 if there is no message yet. */
  last: number;
  /** `seq` up to which the user has read. */
  read: number;
  /** Messages by others after `read`, counted up to {@linkcode MAX_UNREAD}. */
  unread: number;
  /** Those of them that mention the user by name. */
  mentions: number;
  /** The user's role in the room; absent: `member`. */
  role?: RoomRole;
  private?: true;
  topic?: string;
  /** Of a direct conversation: the other one. */
  user?: UserEntry;
}

/** Up to so many unread messages are counted; the count may stand for more. */
export const MAX_UNREAD = 200;

/** Largest room in which lists of names are sent unasked; in larger ones `users` asks for them. */
export const MAX_USER_LIST = 100;

/** The server's limits, as the handshake announces them. */
export interface Limits {
  /** Longest text, in bytes of UTF-8. */
  content_bytes: number;
  /** Longest name, in code points. */
  name_length: number;
  /** Requests a second; 0 is no limit. */
  rate: number;
  /** Size of a burst of requests that the rate does not limit. */
  burst: number;
  /** Rooms that a connection may be in. */
  rooms: number;
  /** Largest upload, in bytes. */
  file_bytes: number;
  /** Maximum number of messages in one answer to `history` or `search`. */
  page: number;
  /** Maximum number of missed messages that a resume replays. */
  replay: number;
  /** Lists of names are sent unasked only in rooms of up to so many members. */
  user_list: number;
}

/** The first message on every connection. */
export interface Handshake {
  type: "handshake";
  /**
   * Secret: the session that a `login` without one will have. Absent if the connection was opened with
   * the credential of a user.
   */
  session?: string;
  /** Who opened the connection, if a credential has told it. */
  user?: User;
  /** The connection's number, for `#NUMBER`. */
  number: number;
  /** The client's own address; empty on a Unix socket. */
  ip: string;
  epoch: string;
  /**
   * Identifies this run of the server on its data; opaque. A client that sends it back with `since` is told
   * exactly what it missed, whatever became of the data.
   */
  run: string;
  /** The members of the lobby; absent above {@linkcode MAX_USER_LIST}. */
  user_list?: string[];
  user_count: number;
  limits: Limits;
}

export interface Users {
  type: "users";
  room: string;
  user_count: number;
  user_list: string[];
  /** The same with what they are; with `all`, also members of the room who are not in it now. */
  users: UserEntry[];
  id?: string;
}

export interface RoomEntry {
  room: string;
  private?: true;
  topic?: string;
  /** Number of members now. */
  user_count: number;
  /** Greatest `seq` assigned in the room; 0 if there is no message yet. */
  last: number;
}

export interface Rooms {
  type: "rooms";
  /** By name. */
  rooms: RoomEntry[];
  /** Whether there are no further rooms after these. */
  complete: boolean;
  id?: string;
}

export interface History {
  type: "history";
  room: string;
  /** Ascending by `seq`. */
  messages: UserMessage[];
  /** `seq` of the first of `messages`; 0 if there are none. */
  first: number;
  /** `seq` of the last of `messages`; the room's last `seq` if there are none. */
  last: number;
  /** The room's last `change` when the page was read: up to there, the page is true. */
  change: number;
  /**
   * On a resume: what the client holds is equal to what the server holds once it has added `messages` and
   * replaced `changed`; if not, it starts over from this page. Otherwise: there are no further messages in
   * the direction asked for.
   */
  complete: boolean;
  /** On a resume that is complete: older messages that were changed meanwhile, ascending by `seq`. */
  changed?: UserMessage[];
  id?: string;
}

export interface Search {
  type: "search";
  content: string;
  /** Newest first. */
  messages: UserMessage[];
  /** Whether there are no further messages to be found. */
  complete: boolean;
  /** Present if not `complete`: the `before` of a request for the next page. */
  next?: SearchPosition;
  /** Present while the index lacks messages or changes that are older than a second. */
  indexed?: false;
  id?: string;
}
