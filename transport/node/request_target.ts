/**
 * Who sends a request and what it is for, from its target and its `Host`: what is ambiguous is refused, since
 * a proxy in front may have understood it otherwise (RFC 9112 §3.2).
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Refusals } from "../../log/refusals.ts";
import { clientIp } from "../address.ts";
import type { Peer } from "../socket.ts";

/** The host of a request of HTTP/1.0 that names none, such as the health checks of proxies. */
const DEFAULT_HOST = "localhost";

/** A name, an IPv4 address, or an IPv6 address in brackets; then perhaps a port (RFC 3986 §3.2.2). */
const HOST = /^(?:[\w.~-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** Scheme and authority of a target in absolute form (RFC 9112 §3.2.2). */
const ABSOLUTE = /^https?:\/\/[^/?#\\]*/i;

/**
 * Returns the URL of a request: its host is always that of the `Host` header. `undefined` if the target or the
 * header is invalid, or there are several.
 */
export function requestUrl(incoming: IncomingMessage): URL | undefined {
  const { url = "", headers: { host = DEFAULT_HOST }, rawHeaders, httpVersion, socket } = incoming;
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && /^host$/i.test(name));
  const needed = httpVersion === "1.0" ? 0 : 1;
  if (hosts.length > 1 || hosts.length < needed || !HOST.test(host)) return undefined;
  const path = url.replace(ABSOLUTE, "");
  if (path !== url ? !/^[/?]|^$/.test(path) : !path.startsWith("/")) return undefined;
  try {
    return new URL(`${"encrypted" in socket ? "https" : "http"}://${host}${path}`);
  } catch {
    return undefined;
  }
}

const BAD_REQUEST =
  "Cannot serve request: its target must be a path, and it must have one Host, HOST[:PORT]\n";
const HEADERS = { "content-type": "text/plain; charset=utf-8", connection: "close" };

/** The answer to a request to upgrade without a URL. */
export function badRequest({ ip }: Peer, refusals: Refusals): Response {
  refusals.note({ reason: "bad_request", ip, detail: "an invalid host or target" });
  return new Response(BAD_REQUEST, { status: 400, headers: HEADERS });
}

/** Answers any other request without a URL, and ends the connection. */
export function refuseBadRequest(
  incoming: IncomingMessage,
  outgoing: ServerResponse,
  refusals: Refusals,
): void {
  refusals.note({
    reason: "bad_request",
    ...peerOf(incoming),
    detail: "an invalid host or target",
  });
  outgoing.writeHead(400, HEADERS).end(BAD_REQUEST);
}

/** What HTTP/1.1 and HTTP/2 requests have in common, as far as it matters here. */
interface RemoteSocket {
  readonly socket: { readonly remoteAddress?: string | undefined };
}

export function peerOf({ socket: { remoteAddress = "" } }: RemoteSocket): Peer {
  return { ip: clientIp(remoteAddress) };
}
