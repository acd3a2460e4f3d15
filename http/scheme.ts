/**
 * Whether a request came by TLS: to this server, or to the proxy before it.
 *
 * @module
 */

/** Requests of which a trusted proxy says that they came to it by TLS. */
const FORWARDED = new WeakSet<Request>();

/** Notes that a trusted proxy says that a request came to it by TLS. */
export function markSecure(request: Request): void {
  FORWARDED.add(request);
}

/** Whether the browser speaks TLS, with this server or with a proxy that is trusted to say so. */
export function isSecure(request: Request): boolean {
  return request.url.startsWith("https:") || FORWARDED.has(request);
}
