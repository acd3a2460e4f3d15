/**
 * How the load talks to a server: what it says to be let into a room, and how a message is written.
 * Everything here is ASCII.
 *
 * @module
 */

/** A way of talking. */
export interface Dialect {
  readonly path: string;
  readonly protocol?: string;
  /** Lets a client into a room; absent where there is one room that everybody is in. */
  login?(client: number, room: number): string;
  /** A client that has received so many frames has been let in. */
  readonly greeting: number;
  /** What to send so that all in the room get `text`. */
  message(text: string): string;
}

/** Hubbub as any client speaks to it. */
const hubbub: Dialect = {
  path: "/ws",
  protocol: "hubbub.v1",
  // The handshake, and its own login.
  greeting: 2,
  login: (client, room) =>
    JSON.stringify({ type: "login", content: nameOf(client), room: `room${room}` }),
  message: (content) => JSON.stringify({ type: "user", content }),
};

/** Names of one length, so that lines are too: they are quicker to count. */
function nameOf(client: number): string {
  return `user${String(client).padStart(5, "0")}`;
}

/** A server that hands each frame to everybody as it is. */
const relay: Dialect = { path: "/", greeting: 0, message: (text) => text };

/** All of them by name. */
export const DIALECTS = { hubbub, relay } as const;

/** Name of a dialect. */
export type DialectName = keyof typeof DIALECTS;
