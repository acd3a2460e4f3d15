/**
 * `/api/session` and `/api/sessions`: entering, signing in, who am I, the user's devices, logging out.
 *
 * A page gets its session as a cookie only, so that no script can read it; a program gets it in the answer
 * too. Logging out sends no `Clear-Site-Data`: it would also wipe what other applications on the same
 * origin keep, and the page knows what to remove itself.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Context, Handler } from "hono";
import type { Invited } from "../../people/invites.ts";
import type { Device } from "../../people/sessions.ts";
import type { AppEnv } from "../base_app.ts";
import { jsonResponse } from "../json.ts";
import { Problem } from "../problem.ts";
import { cookieSession, isFromPage, noCookie, sessionCookie } from "./cookie.ts";
import { readFields } from "./fields.ts";
import type { AccountRouteServices } from "./services.ts";
import { recordSignIn } from "./sign_in_record.ts";

const logger = getLogger(["hubbub", "people"]);

/** Makes the handlers. */
export function sessionHandlers(services: AccountRouteServices): {
  readonly signIn: Handler<AppEnv, "/api/session">;
  readonly whoAmI: Handler<AppEnv, "/api/session">;
  readonly logOut: Handler<AppEnv, "/api/session">;
  readonly list: Handler<AppEnv, "/api/sessions">;
  readonly end: Handler<AppEnv, "/api/sessions/:id">;
} {
  const { sessions, settings, checkSite } = services;
  return {
    async signIn(c) {
      checkSite(c.req.raw);
      const signedIn = await enter(c, services);
      const { principal } = c.env;
      const replaces = signedIn.session !== undefined && cookieSession(c.req.raw) !== undefined;
      if (replaces && principal.user !== undefined && principal.session !== undefined) {
        // The browser forgets the secret: nobody could use or end that session any more.
        await sessions.end(principal.user.id, principal.session);
      }
      return signedInResponse(c, signedIn, services);
    },

    async whoAmI(c) {
      const { user, session: id } = c.env.principal;
      if (user === undefined) return jsonResponse(200, { user: null, ...settings });
      const session = id === undefined ? undefined : await sessions.get(user.id, id);
      const { created, expires } = session ?? {};
      return jsonResponse(200, {
        user,
        ...(session !== undefined && { session: { id, created, expires } }),
        ...settings,
      }, await renewedCookie(c, services));
    },

    async logOut(c) {
      checkSite(c.req.raw);
      const { user, session } = c.env.principal;
      if (user !== undefined && session !== undefined) {
        await sessions.end(user.id, session);
        logger.info("User {user} signed out", { user: user.id, ip: c.env.ip });
      }
      return noContent({ "set-cookie": noCookie(c.req.raw) });
    },

    async list(c) {
      const { user, session } = c.env.principal;
      if (user === undefined) {
        throw Problem.of("unauthorized", "Cannot list sessions: sign in first");
      }
      const list = await sessions.list(user.id);
      return jsonResponse(200, {
        sessions: list.map(({ id, created, seen, expires, agent, ip }) => ({
          id,
          created,
          seen,
          expires,
          agent,
          ip,
          ...(id === session && { current: true }),
        })),
      });
    },

    async end(c) {
      checkSite(c.req.raw);
      const { user, session } = c.env.principal;
      if (user === undefined) throw Problem.of("unauthorized", "Cannot end session: sign in first");
      const id = c.req.param("id");
      if (!await sessions.end(user.id, id)) {
        throw new Problem(404, "Cannot end session: you have none with this id");
      }
      logger.info("User {user} ended a session", { user: user.id, ip: c.env.ip });
      return noContent(id === session ? { "set-cookie": noCookie(c.req.raw) } : {});
    },
  };
}

/** Lets somebody in by whichever way the body names. */
async function enter(c: Context<AppEnv>, services: AccountRouteServices): Promise<Invited> {
  const { accounts, invites, signIns } = services;
  signIns.take(c.env.ip);
  const fields = await readFields(c.req.raw, "sign in");
  const [invite, name, password] = [
    fields.text("invite"),
    fields.text("name"),
    fields.text("password"),
  ];
  const device = deviceOf(c);
  if (invite !== undefined) {
    const use = () => invites.use(c.env.principal, { invite, name, password }, device);
    return recordSignIn(c, services, "invitation", use);
  }
  if (password !== undefined) {
    const signIn = () => accounts.signIn({ name, password }, device);
    return recordSignIn(c, services, "password", signIn);
  }
  return recordSignIn(c, services, "guest", () => accounts.enterAsGuest(name, device));
}

/** The answer to somebody who has signed in, or is now more than before. */
export async function signedInResponse(
  c: Context<AppEnv>,
  { user, session, secret }: Invited,
  services: Pick<AccountRouteServices, "sessions" | "now">,
): Promise<Response> {
  const { now = Date.now } = services;
  if (session === undefined || secret === undefined) {
    return jsonResponse(201, { user }, await renewedCookie(c, services));
  }
  const { expires } = session;
  const forProgram = isFromPage(c.req.raw) ? {} : { session: secret, expires };
  return jsonResponse(201, { user, ...forProgram }, {
    "set-cookie": sessionCookie(c.req.raw, { secret, expires }, now()),
  });
}

/** Lets the cookie live as long as the session does, which its use has prolonged. */
export async function renewedCookie(
  c: Context<AppEnv>,
  { sessions, now = Date.now }: Pick<AccountRouteServices, "sessions" | "now">,
): Promise<Record<string, string>> {
  const secret = cookieSession(c.req.raw);
  const { user, session: id } = c.env.principal;
  if (secret === undefined || user === undefined || id === undefined) return {};
  const session = await sessions.get(user.id, id);
  if (session === undefined) return {};
  const { expires } = session;
  return { "set-cookie": sessionCookie(c.req.raw, { secret, expires }, now()) };
}

/** Where a request comes from. */
export function deviceOf({ req, env }: Context<AppEnv>): Device {
  return { agent: req.header("user-agent") ?? "", ip: env.ip };
}

/** The answer to what has been done and needs no words. */
export function noContent(headers: Readonly<Record<string, string>> = {}): Response {
  return new Response(null, { status: 204, headers: { "cache-control": "no-store", ...headers } });
}
