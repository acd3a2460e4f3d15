/**
 * `/api/passkeys`: registers passkeys, signs in with them, lists and removes them.
 *
 * @module
 */
import type { Hono } from "hono";
import type { Passkeys, Site } from "../../people/passkeys.ts";
import type { Principal } from "../../people/principal.ts";
import type { PasskeyRecord } from "../../people/store.ts";
import { Refused, type User } from "../../protocol.ts";
import type { AppEnv } from "../base_app.ts";
import { jsonResponse } from "../json.ts";
import { Problem } from "../problem.ts";
import { readFields } from "./fields.ts";
import { noContent, signedInResponse } from "./session.ts";
import { recordSignIn, type SignInRecord } from "./sign_in_record.ts";
import { hostOf, renewSession, type SignInServices, startSession } from "./sign_in.ts";

/** What the routes serve. */
export interface PasskeyServices extends SignInServices, SignInRecord {
  readonly passkeys: Passkeys;
}

/** Adds the routes. */
export function addPasskeyRoutes(app: Hono<AppEnv>, services: PasskeyServices): void {
  addRegistration(app, services);
  addSignIn(app, services);
  addManagement(app, services);
}

function addRegistration(app: Hono<AppEnv>, services: PasskeyServices): void {
  const { passkeys, publicUrl } = services;

  app.post("/api/passkeys/register/options", async ({ req: { raw }, env }) => {
    services.checkSite(raw);
    const user = requireUser(env.principal);
    const site = siteOf(raw, publicUrl);
    services.signIns.take(env.ip);
    return jsonResponse(200, await passkeys.registrationOptions(user, site));
  });

  app.post("/api/passkeys/register", async (c) => {
    const { req: { raw }, env } = c;
    services.checkSite(raw);
    const user = requireUser(env.principal);
    const fields = await readFields(raw, "register passkey");
    const credential = fields.value("credential");
    const request = { credential, label: fields.text("label") ?? "", ip: env.ip };
    const passkey = await passkeys.register(user, request, siteOf(raw, publicUrl));
    return jsonResponse(201, shown(passkey), await renewSession(c, services));
  });
}

function addSignIn(app: Hono<AppEnv>, services: PasskeyServices): void {
  const { passkeys, publicUrl } = services;

  app.post("/api/passkeys/sign-in/options", async ({ req: { raw }, env }) => {
    services.checkSite(raw);
    const site = siteOf(raw, publicUrl);
    services.signIns.take(env.ip);
    return jsonResponse(200, await passkeys.signInOptions(site));
  });

  app.post("/api/passkeys/sign-in", async (c) => {
    const request = c.req.raw;
    services.checkSite(request);
    const fields = await readFields(request, "sign in");
    const site = siteOf(request, publicUrl);
    const signedIn = await recordSignIn(c, services, "passkey", async () => {
      const user = await passkeys.signIn(fields.value("credential"), site);
      return { user, ...await startSession(c, services, user) };
    });
    return signedInResponse(c, signedIn, services);
  });
}

function addManagement(app: Hono<AppEnv>, services: PasskeyServices): void {
  const { passkeys } = services;

  app.get("/api/passkeys", async ({ req: { raw }, env }) => {
    services.checkSite(raw);
    const list = await passkeys.list(requireUser(env.principal).id);
    return jsonResponse(200, { passkeys: list.map(shown) });
  });

  app.delete("/api/passkeys/:id", async (c) => {
    services.checkSite(c.req.raw);
    const { id } = requireUser(c.env.principal);
    if (await passkeys.remove(id, c.req.param("id"))) return noContent();
    throw new Problem(404, "Cannot remove passkey: you have none with this id");
  });
}

/** What its user sees of a passkey. */
function shown({ id, label, transports, created, used }: PasskeyRecord) {
  return { id, label, transports, created, used };
}

/** Whoever is signed in by a session: a token must not get its user a way in that outlives it. */
function requireUser({ user, session }: Principal): User {
  if (user !== undefined && session !== undefined) return user;
  throw Problem.of("unauthorized", "Cannot manage passkeys: sign in first; a token will not do");
}

/**
 * Where the page is. Without a public URL it may have come by https, through a proxy that does not say so.
 *
 * @throws {Refused} `forbidden` at an IP address, which passkeys cannot be bound to (WebAuthn §5.1.3)
 */
export function siteOf(request: Request, publicUrl?: string): Site {
  const text = publicUrl ?? `https://${hostOf(request)}`;
  const url = URL.canParse(text) ? new URL(text) : undefined;
  if (url === undefined) throw new Problem(400, "Cannot use passkeys: Host must be a name");
  const { hostname, host, origin } = url;
  if (/^\[|^\d+(?:\.\d+){3}$/.test(hostname)) {
    const reason = `browsers allow them only at a domain or localhost, not at ${hostname}`;
    throw new Refused("forbidden", `Cannot use passkeys: ${reason}`);
  }
  if (publicUrl !== undefined) return { rpId: hostname, origins: [origin] };
  return { rpId: hostname, origins: [origin, `http://${host}`] };
}
