/**
 * Finds out on whose behalf a request is made, before anything else is done for it.
 *
 * A credential comes as `Authorization: Bearer SECRET` (RFC 6750 §2.1), as the entry `bearer.SECRET` of the
 * subprotocol list, since pages cannot set that header on a WebSocket, or as the cookie `hubbub`; the first
 * of them counts. It is the secret of an API token, a session, or the token of an embedding application;
 * the cookie is always a session.
 *
 * @module
 */
import { timingSafeEqual } from "node:crypto";
import type { UserId } from "../protocol.ts";
import type { Peer } from "../transport/socket.ts";
import type { Bot } from "./bots.ts";
import { ANONYMOUS, type Principal } from "./principal.ts";
import { digestOf } from "./secrets.ts";
import { type Sessions, toUser } from "./sessions.ts";
import type { PeopleStore } from "./store.ts";

/** The entry of a subprotocol list that carries a credential; it is never selected. */
export const BEARER_PREFIX = "bearer.";

/** The cookie that carries a session. */
export const COOKIE_NAME = "hubbub";

/**
 * Authenticates a request. Rejects only if the store fails, never because of what the request says.
 *
 * @returns `undefined` if the request carries a credential that is not valid. A cookie that is not valid
 *   does not count: its page could never sign in again.
 */
export type Authenticate = (
  request: Pick<Request, "headers">,
  peer: Peer,
) => Promise<Principal | undefined>;

/** Finds out whose credential it is; `undefined` if it is not valid. Rejects only if the store fails. */
export type AuthenticateCredential = (
  credential: string,
  ip: string,
) => Promise<Principal | undefined>;

/** What {@linkcode createAuthenticator} works with. */
export interface AuthenticatorOptions {
  readonly store: Pick<PeopleStore, "find">;
  readonly bots: readonly Bot[];
  readonly sessions: Pick<Sessions, "find">;
  /** Verifies a token of an embedding application. Called with credentials that look like a JWT. */
  readonly verifyToken?: AuthenticateCredential;
}

/** The two ways in: by a request and by what `login` carries. */
export interface Authenticator {
  readonly authenticate: Authenticate;
  readonly authenticateCredential: AuthenticateCredential;
}

/** Makes the functions that authenticate. */
export function createAuthenticator(options: AuthenticatorOptions): Authenticator {
  const { store, bots, sessions, verifyToken } = options;

  /** Takes equally long whichever token matches, and if none does. */
  function findBot(secret: string): UserId | undefined {
    const digest = digestOf(secret);
    let found: UserId | undefined;
    for (const bot of bots) {
      if (timingSafeEqual(bot.digest, digest)) found = bot.id;
    }
    return found;
  }

  const authenticateCredential: AuthenticateCredential = async (credential, ip) => {
    const id = findBot(credential);
    if (id !== undefined) {
      const bot = await store.find(id);
      return bot === undefined || bot.disabled ? undefined : { user: toUser(bot) };
    }
    // A session has no dots, a JWT has two (RFC 7519 §3).
    if (credential.includes(".")) return await verifyToken?.(credential, ip);
    return await sessions.find(credential, ip);
  };

  const authenticate: Authenticate = async ({ headers }, { ip }) => {
    const credential = credentialIn(headers);
    if (credential !== undefined) return authenticateCredential(credential, ip);
    const session = sessionCookieIn(headers);
    return session === undefined ? ANONYMOUS : await sessions.find(session, ip) ?? ANONYMOUS;
  };

  return { authenticate, authenticateCredential };
}

/** The credential that a request carries outside its cookies. */
export function credentialIn(headers: Headers): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",");
  return offered.map((entry) => entry.trim())
    .find((entry) => entry.startsWith(BEARER_PREFIX))?.slice(BEARER_PREFIX.length);
}

/** The session that a request carries in its cookie (RFC 6265 §4.2.1). */
export function sessionCookieIn(headers: Headers): string | undefined {
  for (const pair of (headers.get("cookie") ?? "").split(";")) {
    const [name = "", ...value] = pair.split("=");
    if (name.trim() === COOKIE_NAME) return value.join("=").trim();
  }
  return undefined;
}
