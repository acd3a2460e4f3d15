/**
 * What the ways to sign in over HTTP share: where the page is, who may begin, and the session at the end.
 *
 * @module
 */
import type { Context } from "hono";
import type { SignInLimit } from "../../people/sign_in_limit.ts";
import type { Sessions, StartedSession } from "../../people/sessions.ts";
import type { User } from "../../protocol.ts";
import type { AppEnv } from "../base_app.ts";
import type { Mount } from "../base_path.ts";
import { Problem } from "../problem.ts";
import { isSecure } from "../scheme.ts";
import { cookieSession } from "./cookie.ts";
import { deviceOf, renewedCookie } from "./session.ts";

/** What the routes work with. */
export interface SignInServices extends Mount {
  readonly sessions: Sessions;
  /**
   * Refuses requests that pages of other sites make.
   *
   * @throws {Problem} `forbidden`
   */
  checkSite(request: Request): void;
  /** Counts the sign-ins that begin. */
  readonly signIns: SignInLimit;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/**
 * Starts a session for whoever has sent a request. Ends the one in the browser's cookie, which is going to
 * be replaced: nobody could use or end it any more.
 */
export async function startSession(
  c: Context<AppEnv>,
  { sessions }: SignInServices,
  user: User,
): Promise<StartedSession> {
  const started = await sessions.start(user, deviceOf(c));
  const { user: before, session } = c.env.principal;
  const isReplaced = cookieSession(c.req.raw) !== undefined;
  if (isReplaced && before !== undefined && session !== undefined) {
    await sessions.end(before.id, session);
  }
  return started;
}

/**
 * Starts the time of the session anew for a guest who has become a member.
 *
 * @returns the header with which the cookie lives on too
 */
export async function renewSession(
  c: Context<AppEnv>,
  services: SignInServices,
): Promise<Record<string, string>> {
  const { user, session } = c.env.principal;
  if (user?.role !== "guest" || session === undefined) return {};
  await services.sessions.renew({ id: user.id, role: "member" }, session);
  return await renewedCookie(c, services);
}

/** The host that a request was sent to, with the port. */
export function hostOf({ headers, url }: Request): string {
  return headers.get("host") ?? new URL(url).host;
}

/** The address of the page, for browsers; ends in `/`. */
export function pageUrl(request: Request, { publicUrl, basePath = "" }: Mount): string {
  const scheme = isSecure(request) ? "https" : "http";
  const text = publicUrl ?? `${scheme}://${hostOf(request)}${basePath}/`;
  if (URL.canParse(text)) return text;
  throw new Problem(400, "Cannot sign in: Host must be the name of this server");
}
