/**
 * The host that a request names (RFC 9110 §7.2).
 *
 * @module
 */

/** A name, an IPv4 address or an IPv6 address in brackets, and perhaps a port. */
const HOST = /^(?:[\w.-]+|\[[\da-f:.]+\])(?::\d{1,5})?$/i;

/** Methods with which no `Request` can be made (Fetch Standard §2.2.1). */
export const FORBIDDEN_METHODS: ReadonlySet<string> = new Set(["CONNECT", "TRACE", "TRACK"]);

/**
 * The address of a request, if it is one: an invalid `Host` makes none that can be parsed, or one that means
 * something else.
 *
 * @returns `undefined` if `Host` is not a host, or the request line names another one
 */
export function requestUrl({ url: text, headers }: Request): URL | undefined {
  const host = headers.get("host");
  if (!URL.canParse(text)) return undefined;
  const url = new URL(text);
  if (host === null) return url; // HTTP/1.0
  if (!HOST.test(host) || !URL.canParse(`${url.protocol}//${host}`)) return undefined;
  return new URL(`${url.protocol}//${host}`).host === url.host ? url : undefined;
}
