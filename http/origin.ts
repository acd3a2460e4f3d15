/**
 * Which origin a page that sends requests comes from.
 *
 * @module
 */

/**
 * Whether an origin is this server's own, as far as the request can tell: a proxy may add TLS.
 *
 * @param publicUrl where browsers find the page, if a proxy stands in front of the server: its origin is the
 *   server's own too, whatever the proxy makes of `Host`
 */
export function isOwnOrigin(origin: string, host: string | null, publicUrl?: string): boolean {
  if (publicUrl !== undefined && origin === new URL(publicUrl).origin) return true;
  try {
    const url = new URL(origin);
    return host !== null && url.host === new URL(`${url.protocol}//${host}`).host;
  } catch {
    return false;
  }
}
