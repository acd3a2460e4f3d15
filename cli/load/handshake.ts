/**
 * The opening handshake of a WebSocket client (RFC 6455 §4.1).
 *
 * @module
 */
import { createHash } from "node:crypto";

/** An endpoint and what to offer it. */
export interface Target {
  /** The host to connect to: a name or an address, IPv6 without brackets. */
  readonly hostname: string;
  readonly port: number;
  /** Connect through TLS. */
  readonly secure: boolean;
  /** The `Host` header. */
  readonly host: string;
  readonly path: string;
  /** Subprotocols to offer; the server must select the first. Empty: none. */
  readonly protocols: readonly string[];
  /** Further headers. */
  readonly headers?: Readonly<Record<string, string>>;
}

/** Appended to the key before hashing (RFC 6455 §1.3). */
const KEY_SUFFIX = "258EAFA5-E914-47DA-95CA-C5AB0DC85B11";

/** The end of a response's headers. */
const END = "\r\n\r\n";

/** The key. It may be anything of 16 bytes; all connections use the same. */
export const KEY = btoa("a load generator");

const ACCEPT = createHash("sha1").update(KEY + KEY_SUFFIX).digest("base64");

/** The endpoint of a `ws:` or `wss:` URL. */
export function parseTarget(url: string): Omit<Target, "protocols"> {
  const { protocol, hostname, port, host, pathname } = new URL(url);
  const secure = protocol === "wss:";
  return {
    hostname: hostname.replace(/^\[(.*)\]$/, "$1"),
    port: port === "" ? (secure ? 443 : 80) : Number(port),
    secure,
    host,
    path: pathname,
  };
}

/** The request that asks for a WebSocket. */
export function upgradeRequest({ host, path, protocols, headers = {} }: Target): string {
  return [
    `GET ${path} HTTP/1.1`,
    `Host: ${host}`,
    "Upgrade: websocket",
    "Connection: Upgrade",
    `Sec-WebSocket-Key: ${KEY}`,
    "Sec-WebSocket-Version: 13",
    ...(protocols.length === 0 ? [] : [`Sec-WebSocket-Protocol: ${protocols.join(", ")}`]),
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ].join("\r\n") + END;
}

/**
 * Reads the response, whose bytes are the characters of `received`.
 *
 * @param protocol the subprotocol that the server must select; `undefined`: none
 * @returns the length of the response; `undefined` if it is not complete yet
 * @throws {Error} if the server refuses or the response is invalid
 */
export function readResponse(received: string, protocol?: string): number | undefined {
  const end = received.indexOf(END);
  if (end < 0) return undefined;
  const [status = "", ...lines] = received.slice(0, end).split("\r\n");
  if (!/^HTTP\/1\.1 101( |$)/.test(status)) {
    throw new Error(`Cannot open WebSocket: the server responded "${status}"`);
  }
  const headers = new Map(lines.map((line) => {
    const colon = line.indexOf(":");
    return [line.slice(0, colon).toLowerCase(), line.slice(colon + 1).trim()];
  }));
  if (headers.get("sec-websocket-accept") !== ACCEPT) {
    throw new Error("Cannot open WebSocket: the server responded to another key");
  }
  const selected = headers.get("sec-websocket-protocol");
  if (selected !== protocol) {
    throw new Error(
      `Cannot open WebSocket: offered the subprotocol "${protocol ?? "none"}", ` +
        `the server selected "${selected ?? "none"}"`,
    );
  }
  return end + END.length;
}
