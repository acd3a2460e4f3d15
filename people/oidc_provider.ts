/**
 * An OpenID provider as its client sees it: where it is, what it can, and how the client proves itself.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { ClientAuth, Configuration } from "openid-client";
import { StartError } from "../config/errors.ts";
import type { Secret } from "../config/secret.ts";
import { Refused } from "../protocol.ts";

const logger = getLogger(["hubbub", "people"]);

/** How long the provider's metadata are used before they are fetched again, in milliseconds. */
const METADATA_MS = 60 * 60_000;

/** Longest wait for an answer of the provider, in seconds. */
const TIMEOUT_S = 10;

/** Who this server is for the provider. */
export interface OidcClient {
  /** URL of the provider; https, or http on a loopback address. */
  readonly issuer: string;
  readonly clientId: string;
  /** Absent: a public client. */
  readonly clientSecret?: Secret;
}

/** Finds a provider. */
export class OidcProvider {
  readonly #client: OidcClient;
  readonly #now: () => number;
  readonly #issuer: URL;
  #latest: { readonly found: Promise<Configuration>; readonly since: number } | undefined;

  /** @throws {StartError} if the issuer is no URL, or one to which secrets must not be sent */
  constructor(client: OidcClient, now: () => number) {
    this.#client = client;
    this.#now = now;
    this.#issuer = readIssuer(client.issuer);
  }

  /**
   * The provider's metadata, fetched once an hour, and again after a failure.
   *
   * @throws {Refused} `unavailable` if the provider cannot be reached
   */
  discover(): Promise<Configuration> {
    const since = this.#now();
    if (this.#latest === undefined || since - this.#latest.since > METADATA_MS) {
      const latest = { found: this.#fetchMetadata(), since };
      this.#latest = latest;
      latest.found.catch(() => {
        if (this.#latest === latest) this.#latest = undefined;
      });
    }
    return this.#latest.found;
  }

  async #fetchMetadata(): Promise<Configuration> {
    const client = await import("openid-client");
    const { clientId, clientSecret } = this.#client;
    const secret = clientSecret?.reveal();
    const insecure = this.#issuer.protocol === "http:";
    try {
      return await client.discovery(
        this.#issuer,
        clientId,
        undefined,
        secret === undefined ? client.None() : authenticateWith(client, secret),
        {
          timeout: TIMEOUT_S,
          // Checks the signatures of ID tokens too, which TLS alone would vouch for (Core §3.1.3.7).
          execute: [
            client.enableNonRepudiationChecks,
            ...(insecure ? [client.allowInsecureRequests] : []),
          ],
        },
      );
    } catch (error) {
      logger.warn("Cannot reach the OpenID provider: {reason}", { reason: reasonOf(error) });
      throw new Refused("unavailable", "Cannot sign in: the OpenID provider cannot be reached");
    }
  }
}

/** Authenticates the client in the header, or in the body where the provider knows only that. */
function authenticateWith(client: typeof import("openid-client"), secret: string): ClientAuth {
  const basic = client.ClientSecretBasic(secret);
  const post = client.ClientSecretPost(secret);
  return (server, ...rest) => {
    const methods = server.token_endpoint_auth_methods_supported ?? ["client_secret_basic"];
    (methods.includes("client_secret_basic") ? basic : post)(server, ...rest);
  };
}

function readIssuer(text: string): URL {
  const url = URL.canParse(text) ? new URL(text) : undefined;
  const loopback = /^(?:localhost|127(?:\.\d+){3}|\[::1\])$/;
  if (url?.protocol === "https:") return url;
  if (url?.protocol === "http:" && loopback.test(url.hostname)) return url;
  throw new StartError(
    `Cannot use OpenID provider: --oidc-issuer must be an https URL, received "${text}"`,
  );
}

/**
 * What went wrong, without what was sent: the messages of the library and of its causes are fixed texts;
 * the causes of causes may quote a response.
 */
export function reasonOf(error: unknown): string {
  if (!(error instanceof Error)) return "unknown";
  const code = "error" in error && typeof error.error === "string" ? ` (${error.error})` : "";
  const cause = error.cause instanceof Error ? `: ${error.cause.message}` : "";
  return `${error.message}${code}${cause}`;
}
