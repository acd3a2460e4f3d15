/**
 * Which origin a page that sends requests comes from.
 *
 * @module
 */

/** Whether an origin is this server's own, as far as the request can tell: a proxy may add TLS. */
export function isOwnOrigin(origin: string, host: string | null): boolean {
  try {
    const url = new URL(origin);
    return host !== null && url.host === new URL(`${url.protocol}//${host}`).host;
  } catch {
    return false;
  }
}
