/**
 * Where a server's chat is.
 *
 * @module
 */

/** The path of the chat below the server's page. */
const CHAT_PATH = "ws";

/** @type {Readonly<Record<string, string>>} */
const SCHEMES = { "http:": "ws:", "https:": "wss:", "ws:": "ws:", "wss:": "wss:" };

/**
 * The address of a server's WebSocket. `http:` and `https:` name the page, whose chat is at `ws` below
 * it; `ws:` and `wss:` name the chat itself, or the server if they have no path or one that ends in `/`.
 *
 * @param {string | URL} address
 * @throws {TypeError} if it is no such address
 */
export function socketUrl(address) {
  const url = new URL(address);
  const scheme = SCHEMES[url.protocol];
  if (scheme === undefined) {
    throw new TypeError(`Cannot connect to ${JSON.stringify(url.href)}: it must be http: or ws:`);
  }
  const isChat = url.pathname.endsWith(`/${CHAT_PATH}`) ||
    (url.protocol.startsWith("ws") && !url.pathname.endsWith("/"));
  const path = isChat ? url.pathname : `${url.pathname.replace(/\/+$/, "")}/${CHAT_PATH}`;
  return `${scheme}//${url.host}${path}`;
}

/**
 * The address of a path below a server's page.
 *
 * @param {string | URL} address as for `socketUrl`
 * @param {string} path without a slash at its beginning
 * @throws {TypeError} if it is no such address
 */
export function httpUrl(address, path) {
  const chat = socketUrl(address).replace(/^ws/, "http");
  return chat.slice(0, chat.lastIndexOf("/") + 1) + path;
}

/** What may stand in `Sec-WebSocket-Protocol` (RFC 9110 §5.6.2, `token`). */
const TOKEN = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * The subprotocol entry that carries a session or an access token; the server never selects it.
 *
 * @param {string} credential
 * @throws {TypeError} if it has characters that cannot stand there
 */
export function bearerEntry(credential) {
  if (TOKEN.test(credential)) return `bearer.${credential}`;
  throw new TypeError(
    "Cannot offer session or token: it must have letters, digits and !#$%&'*+-.^_`|~ only, as it stands in a header",
  );
}
