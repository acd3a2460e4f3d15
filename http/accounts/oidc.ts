/**
 * `GET /api/oidc` and `GET /api/oidc/callback`: sign-in with an OpenID provider. Both are addresses that a
 * browser visits, so whatever happens is answered with a redirect; how it ended is in the fragment.
 *
 * @module
 */
import type { Context, Hono } from "hono";
import { deleteCookie, getCookie, setCookie } from "hono/cookie";
import { reasonOf } from "../../hub/refused.ts";
import { CEREMONY_MS, type OidcResult, type OidcSignIn } from "../../people/oidc.ts";
import { TooManySignIns } from "../../people/sign_in_limit.ts";
import { Refused, type UserId } from "../../protocol.ts";
import type { AppEnv } from "../base_app.ts";
import { isSecure } from "../scheme.ts";
import { sessionCookie } from "./cookie.ts";
import { pageUrl, renewSession, type SignInServices, startSession } from "./sign_in.ts";
import type { SignInRecord } from "./sign_in_record.ts";

/** Cookie with the secret of a sign-in that has begun. */
const COOKIE = "hubbub_oidc";

/** Where the cookie is sent. */
const PATH = "/api/oidc";

/** Where the page is, and where it learns how a sign-in ended that was not successful. */
const PAGE: Readonly<Record<OidcResult["kind"] | "unavailable", string>> = {
  "signed-in": "/",
  linked: "/",
  cancelled: "/#sign-in=cancelled",
  refused: "/#sign-in=refused",
  failed: "/#sign-in=failed",
  unavailable: "/#sign-in=unavailable",
};

/** What the routes serve. */
export interface OidcServices extends SignInServices, SignInRecord {
  readonly oidc: OidcSignIn;
}

/** Adds the routes. */
export function addOidcRoutes(app: Hono<AppEnv>, services: OidcServices): void {
  const { oidc } = services;

  app.get(PATH, async (c) => {
    const request = c.req.raw;
    const callback = new URL(`.${PATH}/callback`, pageUrl(request, services)).href;
    try {
      services.signIns.take(c.env.ip);
      const { url, secret } = await oidc.start(callback, userToLink(c));
      setCookie(c, COOKIE, secret, {
        httpOnly: true,
        sameSite: "Lax",
        path: PATH,
        maxAge: CEREMONY_MS / 1000,
        secure: isSecure(request),
      });
      return redirect(c, url.href);
    } catch (error) {
      if (error instanceof TooManySignIns) {
        services.signInLog?.failed({ method: "oidc", ip: c.env.ip }, "limited");
      }
      if (error instanceof Refused) return redirect(c, PAGE.unavailable);
      throw error;
    }
  });

  app.get(`${PATH}/callback`, async (c) => {
    const parameters = new URL(c.req.url).searchParams;
    const { user, session } = c.env.principal;
    const known = session === undefined ? undefined : user?.id;
    const result = await oidc.finish(parameters, getCookie(c, COOKIE), known);
    deleteCookie(c, COOKIE, { path: PATH });
    try {
      const cookie = await cookieFor(c, services, result);
      if (cookie !== undefined) c.header("set-cookie", cookie, { append: true });
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      const { ip } = c.env;
      services.signInLog?.failed({ method: "oidc", ip }, "refused", reasonOf(error));
      return redirect(c, PAGE.refused);
    }
    record(c, services, result);
    return redirect(c, PAGE[result.kind]);
  });
}

/** Has the operator told how it ended. */
function record(
  { env: { ip } }: Context<AppEnv>,
  { signInLog }: SignInRecord,
  result: OidcResult,
): void {
  const signIn = { method: "oidc", ip } as const;
  if (result.kind === "signed-in") signInLog?.succeeded(signIn, result.user);
  if (result.kind === "refused") signInLog?.failed(signIn, "refused");
  if (result.kind === "failed") signInLog?.failed(signIn, "wrong");
}

/**
 * The cookie of the session that begins, or that goes on.
 *
 * @throws {Sanctioned} `forbidden` if the user is banned
 */
async function cookieFor(
  c: Context<AppEnv>,
  services: OidcServices,
  result: OidcResult,
): Promise<string | undefined> {
  if (result.kind === "linked") return (await renewSession(c, services))["set-cookie"];
  if (result.kind !== "signed-in") return undefined;
  const { secret, session: { expires } } = await startSession(c, services, result.user);
  return sessionCookie(c.req.raw, { secret, expires }, (services.now ?? Date.now)());
}

/**
 * The user to whom the identity will be linked: whoever is signed in, if the page itself asks. Another
 * site could have signed the browser in at the provider as somebody else, who would then own the account.
 */
function userToLink(c: Context<AppEnv>): UserId | undefined {
  const { user, session } = c.env.principal;
  const site = c.req.header("sec-fetch-site") ?? "same-origin";
  return session !== undefined && site === "same-origin" ? user?.id : undefined;
}

/** `Set-Cookie` and addresses with codes in them must not be cached. */
function redirect(c: Context<AppEnv>, location: string): Response {
  c.header("cache-control", "no-store");
  return c.redirect(location);
}
