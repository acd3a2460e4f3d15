/**
 * What the ways to sign in over HTTP share: where the page is, who may begin, and the session at the end.
 *
 * @module
 */
import { Refused, type User } from "../../protocol.ts";
import { Problem } from "../problem.ts";

/** Sign-ins that one address may begin in a window. */
const MAX_STARTS = 30;

/** Length of the window, in milliseconds. */
const WINDOW_MS = 60_000;

/** What the routes work with. */
export interface SignInServices {
  /**
   * Refuses requests that pages of other sites make.
   *
   * @throws {Problem} `forbidden`
   */
  checkSite(request: Request): void;
  /** Starts a session of a user. */
  startSession(
    user: User,
    from: { agent: string; ip: string },
  ): Promise<{ secret: string; session: { readonly expires: number } }>;
  /** The `Set-Cookie` of a session. */
  sessionCookie(request: Request, secret: string, maxAgeSeconds: number): string;
  /** Counts a sign-in that begins: {@linkcode createStartLimit} makes it. */
  countStart(ip: string): void;
  /** Where the page is for browsers; absent: where the request was sent to. */
  readonly publicUrl?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** A session that has started, for a response. */
export interface StartedSession {
  readonly secret: string;
  /** The `Set-Cookie`. */
  readonly cookie: string;
}

/** Starts a session for the browser or program that has sent a request. */
export async function startSessionFor(
  { startSession, sessionCookie, now = Date.now }: SignInServices,
  { request, ip, user }: { request: Request; ip: string; user: User },
): Promise<StartedSession> {
  const agent = request.headers.get("user-agent") ?? "";
  const { secret, session } = await startSession(user, { agent, ip });
  const seconds = Math.max(0, Math.floor((session.expires - now()) / 1000));
  return { secret, cookie: sessionCookie(request, secret, seconds) };
}

/** The host that a request was sent to, with the port. */
export function hostOf({ headers, url }: Request): string {
  return headers.get("host") ?? new URL(url).host;
}

/** Whether a request came to the server, or to the proxy in front of it, by https. */
export function isSecure({ headers, url }: Request): boolean {
  const forwarded = headers.get("x-forwarded-proto")?.split(",")[0]?.trim().toLowerCase();
  return (forwarded ?? new URL(url).protocol.slice(0, -1)) === "https";
}

/** The origin of the page, for browsers. */
export function publicOrigin(request: Request, publicUrl?: string): string {
  const text = publicUrl ?? `${isSecure(request) ? "https" : "http"}://${hostOf(request)}`;
  if (URL.canParse(text)) return new URL(text).origin;
  throw new Problem(400, "Cannot sign in: Host must be the name of this server");
}

/**
 * Makes a function that counts the sign-ins that an address begins, each of which is kept for a while.
 *
 * @param now milliseconds of any clock
 * @throws {Refused} `rate_limited`, from the function that is returned, beyond 30 a minute
 */
export function createStartLimit(now: () => number = Date.now): (ip: string) => void {
  let starts = new Map<string, number>();
  let since = now();
  return (ip) => {
    if (now() - since >= WINDOW_MS) {
      starts = new Map();
      since = now();
    }
    const count = (starts.get(ip) ?? 0) + 1;
    starts.set(ip, count);
    if (count <= MAX_STARTS) return;
    const text = `Cannot sign in: at most ${MAX_STARTS} sign-ins may be begun in a minute`;
    throw new Refused("rate_limited", text, since + WINDOW_MS - now());
  };
}
