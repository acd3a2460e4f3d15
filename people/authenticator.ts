/**
 * Finds out on whose behalf a request is made, before anything else is done for it.
 *
 * A credential comes as `Authorization: Bearer SECRET` (RFC 6750 §2.1) or, from browsers, which cannot set
 * that header on a WebSocket, as the entry `bearer.SECRET` of the subprotocol list. It is the secret of an
 * API token, or the session of a connection that is logged in.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { ApiToken } from "../config/config.ts";
import type { Peer } from "../transport/socket.ts";
import { ANONYMOUS, type Principal } from "./principal.ts";

/** The entry of a subprotocol list that carries a credential; it is never selected. */
export const BEARER_PREFIX = "bearer.";

/**
 * Authenticates a request. Never throws because of what the request says.
 *
 * @returns `undefined` if the request carries a credential that is not valid
 */
export type Authenticate = (request: Request, peer: Peer) => Promise<Principal | undefined>;

/** What {@linkcode createAuthenticator} works with. */
export interface AuthenticatorOptions {
  readonly apiTokens: readonly ApiToken[];
  /** Finds out who is logged in with a session; `undefined` if nobody is. */
  findSession(session: string): Promise<Principal | undefined>;
}

/** Makes the function that authenticates requests. */
export function createAuthenticator(
  { apiTokens, findSession }: AuthenticatorOptions,
): Authenticate {
  const tokens = apiTokens.map(({ name, secret }) => ({
    principal: { role: "bot", user: { name } } as const,
    digest: digestOf(secret.reveal()),
  }));

  /** Takes equally long whichever token matches, and if none does. */
  function findToken(secret: string): Principal | undefined {
    const digest = digestOf(secret);
    let found: Principal | undefined;
    for (const token of tokens) {
      if (timingSafeEqual(token.digest, digest)) found = token.principal;
    }
    return found;
  }

  return async ({ headers }) => {
    const credential = credentialIn(headers);
    if (credential === undefined) return ANONYMOUS;
    return findToken(credential) ?? await findSession(credential);
  };
}

/** The credential that a request carries. */
function credentialIn(headers: Headers): string | undefined {
  const bearer = /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
  if (bearer !== undefined) return bearer;
  const offered = (headers.get("sec-websocket-protocol") ?? "").split(",");
  return offered.map((entry) => entry.trim())
    .find((entry) => entry.startsWith(BEARER_PREFIX))?.slice(BEARER_PREFIX.length);
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
