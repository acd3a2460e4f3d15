/**
 * The cookie that carries the session of a page. No script can read it, and pages of other sites make the
 * browser send it only when they link here.
 *
 * @module
 */
import { isSecure } from "../scheme.ts";
import { COOKIE_NAME, credentialIn, sessionCookieIn } from "../../people/authenticator.ts";

/**
 * The `Set-Cookie` header (RFC 6265 §4.1) that has a browser keep a session.
 *
 * @param session.expires when the session ends, in milliseconds since 1970
 */
export function sessionCookie(
  request: Request,
  { secret, expires }: { readonly secret: string; readonly expires: number },
  now: number,
): string {
  return cookie(request, secret, Math.max(0, Math.floor((expires - now) / 1000)));
}

/** The `Set-Cookie` header that has a browser forget the session. */
export function noCookie(request: Request): string {
  return cookie(request, "", 0);
}

/** The session that a request is made with, if it came in the cookie. */
export function cookieSession({ headers }: Request): string | undefined {
  return credentialIn(headers) === undefined ? sessionCookieIn(headers) : undefined;
}

/**
 * Whether a page makes this request, whose scripts are not to see the session. Browsers send `Origin` with
 * each request that changes something, and `Sec-Fetch-Site` where the connection is secure. `Sec-Fetch-Mode`
 * says nothing: Node's `fetch` sends it too.
 */
export function isFromPage({ headers }: Request): boolean {
  return headers.has("origin") || headers.has("sec-fetch-site");
}

function cookie(request: Request, value: string, maxAge: number): string {
  const secure = isSecure(request) ? "; Secure" : "";
  return `${COOKIE_NAME}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=Lax${secure}`;
}
