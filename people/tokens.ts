/**
 * Tokens of an embedding application: JSON Web Tokens (RFC 7519) that say who somebody is. The
 * application signs them with a secret that it shares with this server, or with a private key whose
 * public half it publishes as a JWK set.
 *
 * - **Algorithms** are tied to the kind of key: HS256 to the secret; RS256, ES256 and EdDSA to the JWK
 *   set. A public key is never used as a secret (RFC 8725 §3.1), and `none` is never accepted.
 * - **Claims**: `exp` and `sub` are required. `name` is what a new user is called, `rooms` limits what
 *   the user may know of, `admin: true` makes an admin for as long as the tokens say so.
 * - **Issuer and audience** are checked if they are configured.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { JWTPayload, JWTVerifyGetKey } from "jose";
import { steadyNow } from "../clock/steady.ts";
import { StartError } from "../config/errors.ts";
import type { Secret } from "../config/secret.ts";
import { ROOM_PATTERN, type User } from "../protocol.ts";
import { type Identity, isSubject } from "./identities.ts";
import type { Principal } from "./principal.ts";

const logger = getLogger(["hubbub", "people"]);

/** Minimum length of a shared secret, in bytes: that of the hash (RFC 7518 §3.2). */
const MIN_SECRET_BYTES = 32;

/** Maximum length of a token, in characters. */
const MAX_TOKEN_LENGTH = 8 * 1024;

/** Maximum number of rooms that a token may name. */
const MAX_ROOMS = 1000;

/** Accepted difference between the clocks of the application and this server, in seconds. */
const CLOCK_TOLERANCE_S = 5;

/** Longest wait for the JWK set, in milliseconds. */
const JWKS_TIMEOUT_MS = 5000;

/** Minimum time between two fetches of the JWK set because of a key that is not in it, in milliseconds. */
const JWKS_COOLDOWN_MS = 30_000;

/** Time after a failed fetch of the JWK set during which none is tried, in milliseconds. */
const JWKS_RETRY_MS = 5000;

/** Latest time that a `Date` can hold, in milliseconds since 1970 (ECMA-262 §21.4.1.1). */
const MAX_TIME = 8.64e15;

/** Issuer of the identities of users while no issuer is configured. */
const DEFAULT_ISSUER = "jwt";

/** Algorithms of the keys in a JWK set. */
const PUBLIC_KEY_ALGORITHMS: readonly string[] = ["RS256", "ES256", "EdDSA"];

/** What {@linkcode createTokenVerifier} works with. */
export interface TokenOptions {
  /** Secret shared with the application. At least one of `secret` and `jwksUrl` is needed. */
  readonly secret?: Secret;
  /** Where the application publishes its public keys. */
  readonly jwksUrl?: string;
  /** Required `iss`. Also the issuer of the users' identities. */
  readonly issuer?: string;
  /** Required member of `aud`. */
  readonly audience?: string;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Milliseconds that nobody can set, for pauses between fetches. */
  readonly steady?: () => number;
  /** Minimum time between two fetches because of an unknown key, in milliseconds; default 30,000. */
  readonly jwksCooldown?: number;
}

/** Knows the users that the tokens speak of. {@linkcode Identities} does. */
export interface TokenUsers {
  signIn(
    identity: Identity,
    claims: { names: readonly string[]; admin: boolean },
  ): Promise<User | undefined>;
}

/**
 * Finds out who a token speaks of. Rejects only if the people's store fails.
 *
 * @returns `undefined` if the credential is no token, or not valid
 */
export type VerifyToken = (credential: string) => Promise<Principal | undefined>;

/**
 * Makes the function that verifies tokens. The library for it is loaded with the first token.
 *
 * @throws {StartError} if the secret is too short
 */
export function createTokenVerifier(options: TokenOptions, users: TokenUsers): VerifyToken {
  const { secret, issuer = DEFAULT_ISSUER } = options;
  const key = secret === undefined ? undefined : new TextEncoder().encode(secret.reveal());
  if (key !== undefined && key.length < MIN_SECRET_BYTES) {
    throw new StartError(
      `Cannot verify tokens: the secret in --jwt-secret-file must have at least ` +
        `${MIN_SECRET_BYTES} bytes, received ${key.length}`,
    );
  }
  let loading: Promise<Verify> | undefined;
  return async (credential) => {
    if (!looksLikeToken(credential)) return undefined;
    loading ??= loadVerify(options, key);
    const payload = await (await loading)(credential);
    const claims = payload && readClaims(payload);
    if (claims === undefined) return undefined;
    const { subject, names, admin, rooms, expires } = claims;
    const user = await users.signIn({ issuer, subject }, { names, admin });
    return user && { user, ...(rooms !== undefined && { rooms }), expires };
  };
}

/** Whether a credential has the form of a signed token (RFC 7515 §7.1). */
function looksLikeToken(credential: string): boolean {
  return credential.length <= MAX_TOKEN_LENGTH &&
    /^eyJ[\w-]*\.[\w-]+\.[\w-]*$/.test(credential);
}

/** Checks signature, times, issuer and audience; `undefined` if any is wrong. */
type Verify = (token: string) => Promise<JWTPayload | undefined>;

async function loadVerify(options: TokenOptions, secret: Uint8Array | undefined): Promise<Verify> {
  const { decodeProtectedHeader, jwtVerify } = await import("jose");
  const { jwksUrl, issuer, audience, now = Date.now } = options;
  const keys = jwksUrl === undefined ? undefined : await remoteKeys(jwksUrl, options);

  function keyFor(alg: string | undefined): JWTVerifyGetKey | undefined {
    if (alg === "HS256" && secret !== undefined) return () => secret;
    return alg !== undefined && PUBLIC_KEY_ALGORITHMS.includes(alg) ? keys : undefined;
  }

  return async (token) => {
    try {
      const { alg } = decodeProtectedHeader(token);
      const key = keyFor(alg);
      if (alg === undefined || key === undefined) return undefined;
      const { payload } = await jwtVerify(token, key, {
        algorithms: [alg],
        clockTolerance: CLOCK_TOLERANCE_S,
        currentDate: new Date(now()),
        ...(issuer !== undefined && { issuer }),
        ...(audience !== undefined && { audience }),
      });
      return payload;
    } catch (error) {
      // The message may quote the token's claims; the code says which check has failed.
      logger.debug("A token is not valid: {code}", { code: codeOf(error) });
      return undefined;
    }
  };
}

/** The keys in the JWK set. While it cannot be fetched, all tokens that need it are not valid. */
async function remoteKeys(
  url: string,
  { steady = steadyNow, jwksCooldown = JWKS_COOLDOWN_MS }: TokenOptions,
): Promise<JWTVerifyGetKey> {
  const { createRemoteJWKSet, customFetch } = await import("jose");
  let failed = -Infinity;
  async function get(url: string, init: RequestInit): Promise<Response> {
    if (steady() - failed < JWKS_RETRY_MS) {
      throw new Error("the JWK set could not be fetched just now");
    }
    try {
      const response = await fetch(url, init);
      if (response.status !== 200) {
        await response.body?.cancel();
        throw new Error(`it answers with status ${response.status}`);
      }
      return response;
    } catch (error) {
      failed = steady();
      logger.warn("Cannot fetch the keys of --jwks-url, so its tokens are refused: {error}", {
        error,
      });
      throw error;
    }
  }
  return createRemoteJWKSet(new URL(url), {
    timeoutDuration: JWKS_TIMEOUT_MS,
    cooldownDuration: jwksCooldown,
    [customFetch]: get,
  });
}

/** What a token says. */
interface Claims {
  readonly subject: string;
  readonly names: readonly string[];
  readonly rooms: readonly string[] | undefined;
  readonly admin: boolean;
  /** Milliseconds since 1970. */
  readonly expires: number;
}

/** Reads the claims; `undefined` if one is missing or malformed. A bad name is not used, but accepted. */
function readClaims({ sub, exp, name, rooms, admin }: JWTPayload): Claims | undefined {
  if (!isSubject(sub) || exp === undefined) return undefined;
  if (rooms !== undefined && !isRooms(rooms)) return undefined;
  const names = typeof name === "string" ? [name, sub] : [sub];
  return {
    subject: sub,
    names,
    rooms,
    admin: admin === true,
    expires: Math.min(exp * 1000, MAX_TIME),
  };
}

function isRooms(value: unknown): value is string[] {
  return Array.isArray(value) && value.length <= MAX_ROOMS &&
    value.every((room) => typeof room === "string" && ROOM_PATTERN.test(room));
}

function codeOf(error: unknown): string {
  return error instanceof Error && "code" in error ? String(error.code) : "no code";
}
