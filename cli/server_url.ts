/**
 * Parses the address of a server as people write it: `localhost:8080`,
 * `https://chat.example.org/#room`, `wss://chat.example.org/ws`.
 *
 * @module
 */
import { ROOM_PATTERN } from "../protocol.ts";

/** The endpoints of one server. */
export interface ServerUrl {
  /** The chat's WebSocket: `ws:` or `wss:`. */
  readonly socket: string;
  /** The base URL for HTTP paths: `http:` or `https:`, ends in `/`. */
  readonly base: string;
  /** The room in the fragment of an invitation link. */
  readonly room?: string;
}

/** The path of the WebSocket endpoint, relative to the base URL. */
const SOCKET_PATH = "ws";

const SCHEMES: Readonly<Record<string, { secure: boolean; isSocket: boolean }>> = {
  "ws:": { secure: false, isSocket: true },
  "wss:": { secure: true, isSocket: true },
  "http:": { secure: false, isSocket: false },
  "https:": { secure: true, isSocket: false },
};

/**
 * Parses the address of a server.
 *
 * - Without a scheme it is `http:`; `:8080` is this machine.
 * - `http:` and `https:` name the page; the WebSocket endpoint is `ws` below it.
 * - `ws:` and `wss:` name the WebSocket endpoint itself, or the server if the path is empty or ends in `/`.
 *
 * @returns `undefined` if `text` is not such an address
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
  if (path.endsWith(`/${SOCKET_PATH}`) || (isSocket && !path.endsWith("/"))) return path;
  return `${path.replace(/\/+$/, "")}/${SOCKET_PATH}`;
}
