/**
 * On whose behalf a request or a connection acts. Types only.
 *
 * @module
 */

/** What somebody may do follows from their role: see `policy.ts`. */
export type Role =
  /** Anybody. */
  | "guest"
  /** A program that holds the secret of an `--api-token`. */
  | "bot";

/** Somebody, as the policy sees them. */
export interface Principal {
  readonly role: Role;
  /** Absent: nobody in particular, such as a connection before its login. */
  readonly user?: User;
  /** The sessions that they answer for, that of their connection first. Secret. */
  readonly sessions?: readonly string[];
}

/** A person or a program with a name. */
export interface User {
  readonly name: string;
}

/** Somebody of whom nothing is known. */
export const ANONYMOUS: Principal = { role: "guest" };
