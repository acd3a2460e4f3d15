/**
 * Every message that the server sends, as a discriminated union. Names on the wire are snake_case;
 * times are milliseconds since 1970.
 *
 * @module
 */
import type { Handshake, History, MembershipEntry, Rooms, Search, Users } from "./answers.ts";
import type { ErrorCode } from "./codes.ts";
import type { User, UserId, UserMessage } from "./message.ts";
import type { RoomRole } from "./requests.ts";

export * from "./answers.ts";
export * from "./message.ts";

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
  /** Of an event about somebody else: only without a subprotocol, if it takes at most 4 KiB. */
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
  /** Only without a subprotocol. */
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

export interface Edit {
  type: "edit";
  room: string;
  seq: number;
  from: string;
  by: UserId;
  content: string;
  /** When it was edited, in milliseconds since 1970: the message's `edited`. */
  time: number;
  /** Position among the changes to the messages of the room; see {@linkcode History.change}. */
  change: number;
  id?: string;
}

export interface Delete {
  type: "delete";
  room: string;
  seq: number;
  from: string;
  by: UserId;
  /** Position among the changes to the messages of the room; see {@linkcode History.change}. */
  change: number;
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
  /** Whether it was added or taken back. */
  on: boolean;
  /** How many users have reacted with it after this change. */
  count: number;
  /** Position among the changes to the messages of the room; see {@linkcode History.change}. */
  change: number;
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
