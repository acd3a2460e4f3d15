/**
 * Where a server is, as people write it: `localhost:8080`, `https://chat.example.org/#room`,
 * `wss://chat.example.org/ws`. Imports only the pattern of room names.
 *
 * @module
 */
import { ROOM_PATTERN } from "../protocol.ts";

/** The ways into one server. */
export interface ServerUrl {
  /** The chat's WebSocket: `ws:` or `wss:`. */
  readonly socket: string;
  /** What the paths of HTTP are relative to: `http:` or `https:`, ends in `/`. */
  readonly base: string;
  /** The room that an invitation link names behind its `#`. */
  readonly room?: string;
}

/** The path of the chat below the server's base. */
const SOCKET_PATH = "ws";

const SCHEMES: Readonly<Record<string, { secure: boolean; isSocket: boolean }>> = {
  "ws:": { secure: false, isSocket: true },
  "wss:": { secure: true, isSocket: true },
  "http:": { secure: false, isSocket: false },
  "https:": { secure: true, isSocket: false },
};

/**
 * Reads the address of a server.
 *
 * - without a scheme it is `http:`, and `:8080` is this machine;
 * - `http:` and `https:` name the page, whose WebSocket is at `ws` below it;
 * - `ws:` and `wss:` with a path name the WebSocket itself, without one the server.
 *
 * @returns `undefined` if `text` is no such address
 */
export function parseServerUrl(text: string): ServerUrl | undefined {
  if (/\s/.test(text) || text === "") return undefined;
  const written = text.startsWith(":") ? `localhost${text}` : text;
  const url = URL.parse(written.includes("://") ? written : `http://${written}`);
  const scheme = url === null ? undefined : SCHEMES[url.protocol];
  if (url === null || scheme === undefined || url.hostname === "") return undefined;
  if (url.username !== "" || url.password !== "" || url.search !== "") return undefined;
  const host = url.host;
  const path = socketPath(url.pathname, scheme.isSocket);
  const room = url.hash.slice(1);
  return {
    socket: `${scheme.secure ? "wss" : "ws"}://${host}${path}`,
    base: `${scheme.secure ? "https" : "http"}://${host}${
      path.slice(0, path.lastIndexOf("/") + 1)
    }`,
    ...(ROOM_PATTERN.test(room) && { room }),
  };
}

function socketPath(path: string, isSocket: boolean): string {
  if (path.endsWith(`/${SOCKET_PATH}`) || (isSocket && path !== "/")) return path;
  return `${path.replace(/\/+$/, "")}/${SOCKET_PATH}`;
}
