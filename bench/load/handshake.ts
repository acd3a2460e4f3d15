/**
 * The opening handshake of a WebSocket connection (RFC 6455 §4.1) by hand: what to ask, and what
 * must be answered.
 *
 * @module
 */
import { createHash } from "node:crypto";

/** Where to connect. */
export interface Target {
  readonly hostname: string;
  readonly port: number;
  readonly path: string;
  /** The subprotocol to offer; none if absent. */
  readonly protocol?: string;
}

/** Appended to the key before it is hashed (RFC 6455 §1.3). */
const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The end of a response's headers. */
const END = "\r\n\r\n";

/** A key, which may be anything; the same one for all connections of a run. */
export const KEY = btoa("a load generator");

const ACCEPT = createHash("sha1").update(KEY + KEY_SUFFIX).digest("base64");

/** The request that asks for a WebSocket. */
export function upgradeRequest({ hostname, port, path, protocol }: Target): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${hostname}:${port}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${KEY}`,
    "Sec-WebSocket-Version: 13",
    ...(protocol === undefined ? [] : [`Sec-WebSocket-Protocol: ${protocol}`]),
  ].join("\r\n") + END;
}

/**
 * Reads the response, each byte of it a character of `received`.
 *
 * @returns how many characters the response has; `undefined` if more must come
 * @throws {Error} if the server refuses, or answers what it must not
 */
export function readResponse(received: string, protocol?: string): number | undefined {
  const end = received.indexOf(END);
  if (end < 0) return undefined;
  const [status = "", ...lines] = received.slice(0, end).split("\r\n");
  if (!/^HTTP\/1\.1 101( |$)/.test(status)) {
    throw new Error(`Cannot open WebSocket: the server answered "${status}"`);
  }
  const headers = new Map(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  if (headers.get("sec-websocket-accept") !== ACCEPT) {
    throw new Error("Cannot open WebSocket: the server answered another key");
  }
  const chosen = headers.get("sec-websocket-protocol");
  if (chosen !== protocol) {
    throw new Error(
      `Cannot open WebSocket: offered the subprotocol "${protocol ?? "none"}", ` +
        `the server chose "${chosen ?? "none"}"`,
    );
  }
  return end + END.length;
}
