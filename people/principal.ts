/**
 * On whose behalf a request or a connection acts. Types only.
 *
 * @module
 */
import type { User } from "../protocol.ts";

/** The public id of a session: it tells sessions apart and opens nothing. */
export type SessionId = string;

/** Somebody, as the policy sees them. */
export interface Principal {
  /** Absent: nobody in particular, such as a connection before its login. */
  readonly user?: User;
  /** The session that has told who it is; absent with an API token or the token of an application. */
  readonly session?: SessionId;
  /** The only rooms that they may know of, because their token names them; absent: no such limit. */
  readonly rooms?: readonly string[];
  /** When their credential ends, in milliseconds since 1970; absent: it does not end by itself. */
  readonly expires?: number;
}

/** Somebody of whom nothing is known. */
export const ANONYMOUS: Principal = {};
