/**
 * Every message that the server sends, as a discriminated union. Names on the wire are snake_case;
 * times are milliseconds since 1970.
 *
 * @module
 */
import type { ErrorCode } from "./codes.ts";
import type { RoomRole } from "./requests.ts";

/**
 * The id of a user: opaque, of `A` to `Z`, `a` to `z`, `0` to `9`, `-` and `_`, never given again. What
 * somebody says, reacts and uploads belongs to it; the name is only what is shown.
 */
export type UserId = string;

/** What a user is, from which follows what they may do. */
export type Role =
  /** Anybody who has taken a name. */
  | "guest"
  /** A person with a password, a passkey or an account elsewhere. */
  | "member"
  /** A member who may administer the server. */
  | "admin"
  /** A program with a token. */
  | "bot";

/** A person or a program. */
export interface User {
  id: UserId;
  name: string;
  role: Role;
}

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

/**
 * Emoji → the names that reacted with it, in order of arrival. The server creates it without a
 * prototype. A decoded frame has one: look up untrusted keys with `Object.hasOwn`.
 */
export type Reactions = Record<string, string[]>;

/** An uploaded file, as it is announced in a room. */
export interface FileInfo {
  /** Unguessable: it is enough to download a file of a public room; any other takes a member of its room. */
  id: string;
  name: string;
  /** In bytes. */
  size: number;
  /** Sniffed from the bytes, never taken from the uploader. */
  media_type: string;
  /** `/files/ID/NAME`, relative to the server. */
  url: string;
  /** Hexadecimal. */
  sha256: string;
}

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
  /** The members of the lobby; absent above {@linkcode MAX_USER_LIST}. */
  user_list?: string[];
  user_count: number;
  limits: Limits;
}

/** Largest room in which lists of names are sent unasked; in larger ones `users` asks for them. */
export const MAX_USER_LIST = 100;

/** A user, perhaps the receiver, entered or left a room. */
export interface Presence {
  type: "login" | "logout";
  /** Empty when it answers the `logout` of a client that was in no room. */
  room: string;
  /** The user's name; the same as `from`. */
  content: string;
  from: string;
  by: UserId;
  user_count: number;
  user_list?: string[];
  /** Present when it answers the receiver's own request. */
  id?: string;
  /** In the answer to a `login`: who the receiver now is. */
  user?: User;
  /** In the answer to a `login`: secret; it proves on another connection who this is. */
  session?: string;
  /** In the answer to a `login`: the rooms that the user is a member of, in order of their names. */
  rooms?: MembershipEntry[];
}

/**
 * A message, or an announced file, in a room. The one definition of a message's shape: what the store
 * takes and returns is derived from it. Optional fields are listed in `MESSAGE_FIELDS`
 * (`message_fields.ts`).
 */
export interface UserMessage {
  /** `file` if `file` is present. */
  type: "user" | "file";
  room: string;
  /** The author's name: the present one when read, while there is such a user, else the one it was sent under. */
  from: string;
  /** The text; empty once deleted. Of a file: its name. */
  content: string;
  /** Position in the room's order; the first message of a room has 1. */
  seq: number;
  /** When the hub received it, in milliseconds since 1970. */
  time: number;
  /** The author. Absent in messages from before there were users: they belong to nobody. */
  by?: UserId;
  /** The author's own id for it, by which a resend is recognised. */
  id?: string;
  /** `seq` of the message in the same room that this one answers. */
  reply_to?: number;
  /** When it was last edited, in milliseconds since 1970. */
  edited?: number;
  deleted?: true;
  /** Absent if there are none. */
  reactions?: Reactions;
  file?: FileInfo;
}

/** A user changed their name; sent once for each room that they are in. */
export interface Rename {
  type: "rename";
  /** Empty when it answers a client that is in no room. */
  room: string;
  /** The old name. */
  from: string;
  /** The new name. */
  content: string;
  by: UserId;
  user_count: number;
  user_list?: string[];
  id?: string;
}

/**
 * A message in a direct conversation, for clients that know no rooms of two: those without a subprotocol
 * and those of `hubbub.text.v1`. Others receive the `user` message itself, in the room `@ID`.
 */
export interface Direct {
  type: "direct";
  from: string;
  by: UserId;
  to: string;
  content: string;
  time: number;
  id?: string;
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
  rooms: RoomEntry[];
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
  /**
   * On a resume: these are all messages after `since`. Otherwise: there are no further messages in
   * the direction asked for.
   */
  complete: boolean;
  id?: string;
}

export interface Search {
  type: "search";
  content: string;
  /** Newest first. */
  messages: UserMessage[];
  id?: string;
}

export interface Edit {
  type: "edit";
  room: string;
  seq: number;
  from: string;
  by: UserId;
  content: string;
  /** When it was edited, in milliseconds since 1970: the message's `edited`. */
  time: number;
  id?: string;
}

export interface Delete {
  type: "delete";
  room: string;
  seq: number;
  from: string;
  by: UserId;
  id?: string;
}

export interface React {
  type: "react";
  room: string;
  seq: number;
  from: string;
  by: UserId;
  /** The emoji that `from` added or removed. */
  content: string;
  /** All reactions to the message after this change. */
  reactions: Reactions;
  id?: string;
}

export interface Typing {
  type: "typing";
  room: string;
  from: string;
  by: UserId;
}

/** A room was made with `create`; its maker is in it. Sent to the maker only. */
export interface Create {
  type: "create";
  room: string;
  from: string;
  by: UserId;
  private?: true;
  topic?: string;
  id?: string;
}

/** Somebody became a member of a room, or is one no more: `from` has done it. */
export interface Membership {
  type: "invite" | "remove";
  room: string;
  from: string;
  by: UserId;
  /** Whom it is about. */
  user: User;
  id?: string;
}

/** A room has another topic. */
export interface Topic {
  type: "topic";
  room: string;
  from: string;
  by: UserId;
  /** Empty: none any more. */
  content: string;
  id?: string;
}

/** A member of a room has another role in it. */
export interface RoleChange {
  type: "role";
  room: string;
  from: string;
  by: UserId;
  user: User;
  content: RoomRole;
  id?: string;
}

/** The receiver has read a room up to here, on whichever connection. */
export interface Read {
  type: "read";
  room: string;
  seq: number;
  id?: string;
}

export interface System {
  type: "system";
  content: string;
}

export interface ErrorMessage {
  type: "error";
  code: ErrorCode;
  /** What is wrong and what is allowed. */
  content: string;
  id?: string;
  /** Minimum delay before the request is sent again, in milliseconds. */
  retry_ms?: number;
}

export interface Pong {
  type: "pong";
  time: number;
  id?: string;
}

/** Every message that the server sends. */
export type ServerMessage =
  | Handshake
  | Presence
  | UserMessage
  | Rename
  | Direct
  | Users
  | Rooms
  | History
  | Search
  | Edit
  | Delete
  | React
  | Typing
  | Create
  | Membership
  | Topic
  | RoleChange
  | Read
  | System
  | ErrorMessage
  | Pong;
