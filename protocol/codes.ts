/**
 * Error codes and close codes. Imports nothing.
 *
 * @module
 */

/** Why a request was refused. The connection stays open after each of them. */
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
  /** A name or a secret is wrong; never which of the two. */
  | "wrong_password"
  /** There is no such room, or none that the requester may know of. */
  | "no_such_room"
  /** What is asked for excludes itself or what is already there. */
  | "conflict"
  /** An admin has muted the user for a time. */
  | "muted"
  /** A bound on what one user may have. */
  | "too_many"
  | "unavailable"
  | "internal";

/**
 * Why the server closes a connection. 4000 to 4499 mean "reconnect", 4500 to 4999 "do not reconnect
 * automatically" (see `shouldReconnect`); the others are those of RFC 6455 §7.4.1 and, for 1013, of
 * the IANA registry.
 */
export const CloseCode = {
  Normal: 1000,
  GoingAway: 1001,
  /** Sent by the WebSocket library of the node transport: a text frame is not valid UTF-8. */
  NotUtf8: 1007,
  /** Sustained abuse. */
  Policy: 1008,
  TooBig: 1009,
  ServerError: 1011,
  /** The send queue overflowed: reconnect and resume. */
  TooSlow: 1013,
  LoginTimeout: 4001,
  /** The server is about to stop, or is relieved: reconnect, perhaps to another one. */
  Drain: 4002,
  Idle: 4502,
  /** The session, or the user, is no more: log in again. */
  SessionEnded: 4504,
  /** An admin has ended the connection, or banned who is on it. */
  Kicked: 4505,
} as const;

/** One of the values of {@linkcode CloseCode}. */
export type CloseCode = (typeof CloseCode)[keyof typeof CloseCode];
