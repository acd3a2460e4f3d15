/**
 * Every message that the server sends, as a discriminated union. Names on the wire are snake_case;
 * times are milliseconds since 1970.
 *
 * @module
 */
import type { ErrorCode } from "./codes.ts";

/**
 * Emoji → the names that reacted with it, in order of arrival. The server creates it without a
 * prototype. A decoded frame has one: look up untrusted keys with `Object.hasOwn`.
 */
export type Reactions = Record<string, string[]>;

/** An uploaded file, as it is announced in a room. */
export interface FileInfo {
  /** Unguessable: anyone who knows the id of an announced file can download it. */
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
  /** Secret: reclaims this connection's name after a reconnect, and authorizes uploads. */
  session: string;
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
  user_count: number;
  user_list?: string[];
  /** Present when it answers the receiver's own request. */
  id?: string;
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
  /** The author's name when the message was sent. */
  from: string;
  /** The text; empty once deleted. Of a file: its name. */
  content: string;
  /** Position in the room's order; the first message of a room has 1. */
  seq: number;
  /** When the hub received it, in milliseconds since 1970. */
  time: number;
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
  user_count: number;
  user_list?: string[];
  id?: string;
}

export interface Direct {
  type: "direct";
  from: string;
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
  id?: string;
}

export interface RoomEntry {
  room: string;
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
  id?: string;
}

export interface React {
  type: "react";
  room: string;
  seq: number;
  from: string;
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
  | System
  | ErrorMessage
  | Pong;
