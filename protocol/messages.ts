/**
 * Every message on the wire, as discriminated unions, with its codes. Names on the wire are
 * snake_case; times are milliseconds since 1970. Imports nothing.
 *
 * @module
 */

/** Why a request was refused. The connection goes on after each of them. */
export type ErrorCode =
  | "bad_json"
  | "bad_message"
  | "unknown_type"
  | "not_logged_in"
  | "already_logged_in"
  | "bad_name"
  | "name_taken"
  | "bad_room"
  | "not_in_room"
  | "no_such_user"
  | "no_such_message"
  | "not_yours"
  | "too_long"
  | "too_large"
  | "rate_limited"
  | "unauthorized"
  | "forbidden"
  | "too_many_rooms"
  | "unavailable"
  | "internal";

/**
 * Why the server closes a connection. 4000 to 4499 say "come back", 4500 to 4999 "do not by
 * yourself"; the rest is RFC 6455 §7.4.1 and, for 1013, the IANA registry.
 */
export const CloseCode = {
  Normal: 1000,
  GoingAway: 1001,
  NotUnderstood: 1003,
  NotUtf8: 1007,
  /** Sustained abuse. */
  Policy: 1008,
  TooBig: 1009,
  ServerError: 1011,
  /** The outgoing queue overflowed: reconnect and resume. */
  TooSlow: 1013,
  LoginTimeout: 4001,
  Draining: 4002,
  Kicked: 4500,
  Banned: 4501,
  Idle: 4502,
  /** The same session connected elsewhere. */
  Replaced: 4503,
  TokenRefused: 4504,
} as const;

/** One of the values of {@linkcode CloseCode}. */
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];

/**
 * Emoji → the names that reacted with it. The server makes it without a prototype; what a frame was
 * decoded to has one, so that a key from elsewhere needs `Object.hasOwn` first.
 */
export type Reactions = Record<string, string[]>;

/** An uploaded file, as it is announced in a room. */
export interface FileInfo {
  /** Unguessable. */
  id: string;
  name: string;
  /** In bytes. */
  size: number;
  /** As sniffed from the bytes, never as the uploader said. */
  media_type: string;
  /** Where to fetch it: `/files/ID/NAME`, relative to the server. */
  url: string;
  /** Hexadecimal. */
  sha256: string;
}

// What clients send. `id` is the client's own and comes back on the answer, event or error.

export interface LoginRequest {
  type: "login";
  /** The name, already checked and in NFC. */
  content: string;
  room: string;
  id?: string;
  /** Replay what came after this `seq`; without it nothing is replayed. */
  since?: number;
  /** The epoch in which `since` was counted. */
  epoch?: string;
  /** The session of an earlier connection, to take its name back from it. */
  session?: string;
  token?: string;
}

export interface UserRequest {
  type: "user";
  content: string;
  /** Absent: the room entered last. */
  room?: string;
  id?: string;
  reply_to?: number;
}

export interface JoinRequest {
  type: "join";
  room: string;
  id?: string;
  since?: number;
  epoch?: string;
}

export interface LeaveRequest {
  type: "leave";
  room: string;
  id?: string;
}

export interface RenameRequest {
  type: "rename";
  /** The new name, already checked and in NFC. */
  content: string;
  id?: string;
}

export interface DirectRequest {
  type: "direct";
  /** A name, or `#NUMBER` for a connection. */
  to: string;
  content: string;
  id?: string;
}

export interface UsersRequest {
  type: "users";
  room?: string;
  id?: string;
}

export interface RoomsRequest {
  type: "rooms";
  id?: string;
}

export interface HistoryRequest {
  type: "history";
  room?: string;
  before?: number;
  after?: number;
  limit: number;
  id?: string;
}

export interface SearchRequest {
  type: "search";
  /** Words that must all occur. */
  content: string;
  /** Absent: all the rooms that the connection is in. */
  room?: string;
  limit: number;
  id?: string;
}

export interface EditRequest {
  type: "edit";
  room?: string;
  seq: number;
  content: string;
  id?: string;
}

export interface DeleteRequest {
  type: "delete";
  room?: string;
  seq: number;
  id?: string;
}

export interface ReactRequest {
  type: "react";
  room?: string;
  seq: number;
  /** An emoji. */
  content: string;
  id?: string;
}

export interface TypingRequest {
  type: "typing";
  room?: string;
  id?: string;
}

export interface FileRequest {
  type: "file";
  room?: string;
  /** The id that the upload was answered with. */
  content: string;
  id?: string;
}

export interface PingRequest {
  type: "ping";
  id?: string;
}

export interface LogoutRequest {
  type: "logout";
  id?: string;
}

/** Everything that a client may ask for, checked. */
export type ClientRequest =
  | LoginRequest
  | UserRequest
  | JoinRequest
  | LeaveRequest
  | RenameRequest
  | DirectRequest
  | UsersRequest
  | RoomsRequest
  | HistoryRequest
  | SearchRequest
  | EditRequest
  | DeleteRequest
  | ReactRequest
  | TypingRequest
  | FileRequest
  | PingRequest
  | LogoutRequest;

// What the server sends.

/** The limits that a client should know, in a handshake. */
export interface Limits {
  /** Longest text, in bytes of UTF-8. */
  content_bytes: number;
  /** Longest name, in code points. */
  name_length: number;
  /** Requests a second; 0 is no limit. */
  rate: number;
  /** Requests at once before the rate binds. */
  burst: number;
  /** Rooms that a connection may be in. */
  rooms: number;
  /** Largest upload, in bytes. */
  file_bytes: number;
  /** Most messages in one answer to `history` or `search`. */
  page: number;
  /** Most missed messages that a resume replays. */
  replay: number;
  /** In a room of more members, lists of names are sent only to who asks with `users`. */
  user_list: number;
}

/** The first message on every connection. */
export interface Handshake {
  type: "handshake";
  /** Secret: takes this connection's name back after a broken line, and pays for uploads. */
  session: string;
  /** The connection's number, for `#NUMBER`. */
  number: number;
  /** The client's own address; empty on a Unix socket. */
  ip: string;
  epoch: string;
  /** Who is in the lobby; left out above {@linkcode MAX_USER_LIST}. */
  user_list?: string[];
  user_count: number;
  limits: Limits;
}

/** In a room of more members than this, lists of names are sent only to who asks with `users`. */
export const MAX_USER_LIST = 100;

/** Somebody, perhaps yourself, entered or left a room. */
export interface Presence {
  type: "login" | "logout";
  /** Empty on the answer to a `logout` of who was in no room. */
  room: string;
  /** The name; the same as `from`. */
  content: string;
  from: string;
  user_count: number;
  user_list?: string[];
  /** On the answer to one's own request. */
  id?: string;
}

/** A message, or a file, in a room. */
export interface UserMessage {
  type: "user" | "file";
  room: string;
  from: string;
  content: string;
  seq: number;
  time: number;
  id?: string;
  reply_to?: number;
  edited?: number;
  deleted?: true;
  reactions?: Reactions;
  file?: FileInfo;
}

/** Somebody changed their name; one for each room that they are in. */
export interface Rename {
  type: "rename";
  /** Empty on the answer to who is in no room. */
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
  /** Members now. */
  user_count: number;
  /** Greatest `seq` given in the room; 0 if nothing was said yet. */
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
  /** `seq` of the last of `messages`; where there are none, the room's last. */
  last: number;
  /**
   * On a resume: this is everything after `since`. Else: nothing further lies in the direction
   * asked for.
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
  /** When, as in `edited` of the message. */
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
  /** The emoji that `from` added or took back. */
  content: string;
  /** All reactions on the message afterwards. */
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
  /** What was wrong and what is allowed. */
  content: string;
  id?: string;
  /** Ask again no sooner than this, in milliseconds. */
  retry_ms?: number;
}

export interface Pong {
  type: "pong";
  time: number;
  id?: string;
}

/** Everything that the server sends. */
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
