/**
 * The protocols that the load generator speaks: how a client enters a room, how it sends a message,
 * and what the server tells it. All frames that it sends are ASCII.
 *
 * @module
 */
import { decodeFrame, LINES, type ServerMessage } from "../../protocol.ts";

/** A protocol. */
export interface Dialect {
  /** Path of the WebSocket endpoint of a server that the benchmarks start. */
  readonly path: string;
  /** Subprotocols to offer; the server must select the first. Empty: none. */
  readonly protocols: readonly string[];
  /** Further headers of the handshake. */
  readonly headers?: Readonly<Record<string, string>>;
  /** The request to enter a room; absent if all clients share one room from the start. */
  login?(client: number, room: number): string;
  /** A client that has received this many frames is in its room. */
  readonly greeting: number;
  /** The frame that delivers `text` to all members of the sender's room. */
  message(text: string): string;
  /** How frames that report an error start. Absent: the server reports none. */
  readonly errorPrefix?: string;
  /** Decodes a frame of the server; only called for the first frame and for errors. */
  decode?(frame: string): readonly ServerMessage[];
}

/** Who logs in to Hubbub. */
export interface HubbubOptions {
  /** Starts the names of clients and rooms, so that they differ from all others on the server. */
  readonly prefix?: string;
  /** The secret of an API token. */
  readonly token?: string;
}

/** What `Sec-WebSocket-Protocol` may contain (RFC 9110 §5.6.2, `token`). */
const SUBPROTOCOL = /^[\w!#$%&'*+.^`|~-]+$/;

/** The protocol of Hubbub, as any client speaks it. */
export function hubbub({ prefix = "", token }: HubbubOptions = {}): Dialect {
  const bearer = `bearer.${token}`;
  return {
    path: "/ws",
    protocols: token !== undefined && SUBPROTOCOL.test(bearer) ? [LINES, bearer] : [LINES],
    // Carries the secrets that cannot be a subprotocol.
    ...(token !== undefined && { headers: { Authorization: `Bearer ${token}` } }),
    // The handshake, and the client's own login.
    greeting: 2,
    login: (client, room) =>
      JSON.stringify({
        type: "login",
        content: `${prefix}user${digits(client)}`,
        room: `${prefix}room${room}`,
      }),
    message: (content) => JSON.stringify({ type: "user", content }),
    errorPrefix: '{"type":"error"',
    decode: decodeFrame,
  };
}

/** Gives all names, and so all lines, the same length, which makes them quicker to count. */
function digits(client: number): string {
  return String(client).padStart(5, "0");
}

/** A server that sends each frame to all clients unchanged. */
const relay: Dialect = { path: "/", protocols: [], greeting: 0, message: (text) => text };

/** All dialects by name. */
export const DIALECTS = { hubbub: hubbub(), relay } as const;

/** Name of a dialect. */
export type DialectName = keyof typeof DIALECTS;
