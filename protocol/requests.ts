/**
 * Every request that a client sends, as a discriminated union. Names on the wire are snake_case;
 * times are milliseconds since 1970. `id` is chosen by the client and repeated on the answer, event or
 * error. Imports nothing.
 *
 * @module
 */

export interface LoginRequest {
  type: "login";
  /** The user's name, already checked and in NFC. */
  content: string;
  room: string;
  id?: string;
  /** Replay the messages after this `seq`; without it nothing is replayed. */
  since?: number;
  /** The epoch that `since` belongs to. */
  epoch?: string;
  /** The session of an earlier connection, to reclaim its name. */
  session?: string;
}

export interface UserRequest {
  type: "user";
  content: string;
  /** Default: the room entered last. */
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
  /** Words that a message must all contain. */
  content: string;
  /** Default: all rooms that the connection is in. */
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
  /** The id that the upload returned. */
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
  | PingRequest
  | LogoutRequest;
