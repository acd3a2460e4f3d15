/**
 * Sign-in with an OpenID Connect provider: authorization code flow with PKCE (RFC 7636), state and nonce.
 *
 * The browser that begins gets a secret, kept in a cookie, from which nonce and PKCE verifier are derived;
 * the store keeps only its digest, under the state. So an answer of the provider counts once, within ten
 * minutes, and only in the browser that asked.
 *
 * `openid-client` does the protocol; it is loaded with the first sign-in.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { getLogger } from "@logtape/logtape";
import { Refused, type User, type UserId } from "../protocol.ts";
import { type Identities, isSubject } from "./identities.ts";
import { promote } from "./promotion.ts";
import { type OidcClient, OidcProvider, reasonOf } from "./oidc_provider.ts";
import type { PeopleStore, UserRecord } from "./store.ts";

const logger = getLogger(["hubbub", "people"]);

/** How long the user may take at the provider, in milliseconds. */
export const CEREMONY_MS = 10 * 60_000;

/** What is asked of the provider. */
const SCOPE = "openid profile email";

/** What {@linkcode OidcSignIn} works with. */
export interface OidcOptions extends OidcClient {
  /** Whether somebody who has no account yet gets one, and a guest becomes a member. */
  readonly mayRegister: boolean;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
}

/** What a sign-in begins with. */
export interface OidcStart {
  /** Where the provider asks the user. */
  readonly url: URL;
  /** Secret for a cookie of the browser that has asked. */
  readonly secret: string;
}

/** How a sign-in ended. */
export type OidcResult =
  | { readonly kind: "signed-in"; readonly user: User }
  /** The user was signed in before; the identity has been linked to it. */
  | { readonly kind: "linked"; readonly user: User }
  /** The user, or the provider for it, has declined. */
  | { readonly kind: "cancelled" }
  /** The user is disabled, or new users are not taken. */
  | { readonly kind: "refused" }
  | { readonly kind: "failed" };

/** Signs users in with one provider. */
export class OidcSignIn {
  readonly #store: PeopleStore;
  readonly #identities: Identities;
  readonly #options: OidcOptions;
  readonly #now: () => number;
  readonly #provider: OidcProvider;

  /** @throws {StartError} if the issuer is no URL, or one to which secrets must not be sent */
  constructor(store: PeopleStore, identities: Identities, options: OidcOptions) {
    this.#store = store;
    this.#identities = identities;
    this.#options = options;
    this.#now = options.now ?? Date.now;
    this.#provider = new OidcProvider(options, this.#now);
  }

  /**
   * Begins a sign-in.
   *
   * @param redirectUri where the provider sends the browser afterwards
   * @param user who is signed in now, to whom the identity will be linked
   * @throws {Refused} `unavailable` if the provider cannot be reached
   */
  async start(redirectUri: string, user?: UserId): Promise<OidcStart> {
    const [client, provider] = await Promise.all([
      import("openid-client"),
      this.#provider.discover(),
    ]);
    const secret = randomBytes(32).toString("base64url");
    const state = randomBytes(16).toString("base64url");
    await this.#put(state, {
      browser: derive("browser", secret),
      redirectUri,
      ...(user !== undefined && { user }),
    });
    const url = client.buildAuthorizationUrl(provider, {
      redirect_uri: redirectUri,
      scope: SCOPE,
      state,
      nonce: derive("nonce", secret),
      code_challenge: await client.calculatePKCECodeChallenge(derive("verifier", secret)),
      code_challenge_method: "S256",
    });
    return { url, secret };
  }

  /**
   * Completes a sign-in. What goes wrong at the provider is logged, and is a result; rejects only if the
   * people's store fails.
   *
   * @param parameters the query with which the provider has sent the browser back
   * @param secret what {@linkcode OidcSignIn.start} returned to this browser
   * @param user who is signed in now
   */
  async finish(
    parameters: URLSearchParams,
    secret: string | undefined,
    user?: UserId,
  ): Promise<OidcResult> {
    const state = parameters.get("state") ?? "";
    const ceremony = await this.#take(state);
    if (ceremony === undefined || secret === undefined) return { kind: "failed" };
    if (ceremony.browser !== derive("browser", secret)) return { kind: "failed" };
    const link = user !== undefined && ceremony.user === user ? user : undefined;
    if (parameters.get("error") === "access_denied") return { kind: "cancelled" };
    const callback = new URL(`${ceremony.redirectUri}?${parameters}`);
    const person = await this.#ask(callback, state, secret);
    return person === undefined ? { kind: "failed" } : await this.#signIn(person, link);
  }

  #put(state: string, ceremony: OidcCeremony): Promise<void> {
    const value = JSON.stringify(ceremony);
    return this.#store.putCeremony(ceremonyId(state), value, this.#now() + CEREMONY_MS);
  }

  async #take(state: string): Promise<OidcCeremony | undefined> {
    const text = await this.#store.takeCeremony(ceremonyId(state), this.#now());
    return text === undefined ? undefined : JSON.parse(text);
  }

  /** Exchanges the code for what the provider says about the user; `undefined` if anything is wrong. */
  async #ask(callback: URL, state: string, secret: string): Promise<Person | undefined> {
    try {
      const [client, provider] = await Promise.all([
        import("openid-client"),
        this.#provider.discover(),
      ]);
      const tokens = await client.authorizationCodeGrant(provider, callback, {
        expectedState: state,
        expectedNonce: derive("nonce", secret),
        pkceCodeVerifier: derive("verifier", secret),
        idTokenExpected: true,
      });
      const claims = tokens.claims();
      if (claims === undefined || !isSubject(claims.sub)) return undefined;
      const identity = { issuer: claims.iss, subject: claims.sub };
      const known = namesIn(claims);
      if (known.length > 0 || provider.serverMetadata().userinfo_endpoint === undefined) {
        return { identity, names: known };
      }
      const info = await client.fetchUserInfo(provider, tokens.access_token, claims.sub);
      return { identity, names: namesIn(info) };
    } catch (error) {
      logger.warn("A sign-in with the OpenID provider failed: {reason}", {
        reason: reasonOf(error),
      });
      return undefined;
    }
  }

  async #signIn({ identity, names }: Person, link: UserId | undefined): Promise<OidcResult> {
    const found = await this.#identities.find(identity);
    if (found !== undefined) return signedIn(found);
    if (link !== undefined) return await this.#link(identity, link);
    if (!this.#options.mayRegister) return { kind: "refused" };
    return signedIn(await this.#identities.findOrAdd(identity, names));
  }

  async #link(identity: Person["identity"], id: UserId): Promise<OidcResult> {
    const before = await this.#store.find(id);
    if (before === undefined || before.disabled) return { kind: "refused" };
    if (before.role === "guest" && !this.#options.mayRegister) return { kind: "refused" };
    try {
      const user = await promote(this.#store, id, "member");
      return await this.#identities.link(identity, id)
        ? { kind: "linked", user }
        : { kind: "failed" };
    } catch (error) {
      if (error instanceof Refused) return { kind: "refused" };
      throw error;
    }
  }
}

/** What is kept between the two halves. */
interface OidcCeremony {
  /** Digest of the browser's secret. */
  readonly browser: string;
  readonly redirectUri: string;
  readonly user?: UserId;
}

/** What the provider says. */
interface Person {
  readonly identity: { readonly issuer: string; readonly subject: string };
  /** Possible names, the best first. */
  readonly names: readonly string[];
}

function signedIn({ id, name, role, disabled }: UserRecord): OidcResult {
  return disabled ? { kind: "refused" } : { kind: "signed-in", user: { id, name, role } };
}

/** Possible names among standard claims (OpenID Connect Core 1.0 §5.1). */
function namesIn(claims: Readonly<Record<string, unknown>>): string[] {
  const { preferred_username: preferred, name, email } = claims;
  const local = typeof email === "string" ? email.split("@")[0] : undefined;
  return [preferred, name, local].filter((text) => typeof text === "string" && text !== "")
    .map(String);
}

/** Derives a value for one purpose from the browser's secret, from which no other can be inferred. */
function derive(purpose: "browser" | "nonce" | "verifier", secret: string): string {
  return createHash("sha256").update(`${purpose}:${secret}`).digest("base64url");
}

function ceremonyId(state: string): string {
  return `oidc:${state}`;
}
