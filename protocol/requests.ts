/**
 * Every request that a client sends, as a discriminated union. Names on the wire are snake_case;
 * times are milliseconds since 1970. `id` is chosen by the client and repeated on the answer, event or
 * error. Imports nothing.
 *
 * @module
 */

/** What a member of a room is in it. */
export type RoomRole = "owner" | "moderator" | "member";

/**
 * Whom a request is about: a name, or `@ID`. In `room` of a request, `@NAME` or `@ID` means the direct
 * conversation with that user; `#NUMBER` of a connection stands for its user wherever a name may.
 */
export type UserReference = string;

/** How far a client that comes back has seen a room. */
export interface Seen {
  /** `seq` of the last message; without it nothing is replayed. */
  since?: number;
  /** The `time` of that message. */
  at?: number;
  /** The last `change`. */
  changes?: number;
  /** The epoch of the server then. */
  epoch?: string;
  /** The `run` of the server then. */
  run?: string;
}

export interface LoginRequest extends Seen {
  type: "login";
  /**
   * The user's name, already checked and in NFC. Required unless a session tells who it is; with one, it
   * renames.
   */
  content?: string;
  room: string;
  id?: string;
  /** The session, or another credential, of the user to be. */
  session?: string;
  /** Whether a new guest is to be kept, and its name held, after its last connection has ended. */
  remember?: boolean;
}

export interface UserRequest {
  type: "user";
  content: string;
  /** Default: the room entered last. */
  room?: string;
  id?: string;
  reply_to?: number;
}

export interface JoinRequest extends Seen {
  type: "join";
  room: string;
  id?: string;
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
  /** A name, `@ID`, or `#NUMBER` for a connection. */
  to: UserReference;
  content: string;
  id?: string;
}

export interface UsersRequest {
  type: "users";
  room?: string;
  /** Whether members who are not in the room now are listed too. */
  all?: boolean;
  id?: string;
}

export interface RoomsRequest {
  type: "rooms";
  /** Only rooms after this name. */
  after?: string;
  limit: number;
  /** Only rooms whose name contains this. */
  content?: string;
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

/** A position in the order of search: by time, then room, then `seq`. */
export interface SearchPosition {
  time: number;
  room: string;
  seq: number;
}

export interface SearchRequest {
  type: "search";
  /** Words, "quoted phrases" and operators such as `from:NAME`, all of which must apply. */
  content: string;
  /** Default: all rooms that the connection is in. */
  room?: string;
  /** Only what comes after this position; see {@linkcode Search.next}. */
  before?: SearchPosition;
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
  /** The id that the upload returned. */
  content: string;
  id?: string;
}

export interface CreateRequest {
  type: "create";
  room: string;
  private?: boolean;
  topic?: string;
  id?: string;
}

export interface InviteRequest {
  type: "invite";
  room?: string;
  user: UserReference;
  id?: string;
}

export interface RemoveRequest {
  type: "remove";
  room?: string;
  user: UserReference;
  id?: string;
}

export interface TopicRequest {
  type: "topic";
  room?: string;
  /** Empty: no topic. At most `MAX_TOPIC_BYTES` (`wire.js`) bytes of UTF-8. */
  content: string;
  id?: string;
}

export interface RoleRequest {
  type: "role";
  room?: string;
  user: UserReference;
  content: RoomRole;
  id?: string;
}

export interface ReadRequest {
  type: "read";
  room?: string;
  seq: number;
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

/** Every request that a client can send, checked. */
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
  | CreateRequest
  | InviteRequest
  | RemoveRequest
  | TopicRequest
  | RoleRequest
  | ReadRequest
  | PingRequest
  | LogoutRequest;
