/**
 * Who may do what over HTTP: the one place that decides it, and where later rules (private rooms,
 * accounts) go in. What a WebSocket may is decided in the hub.
 *
 * - **Upload**: a logged-in connection, by its session.
 * - **Speak** (`POST /api/rooms/ROOM/messages`): whoever knows the secret of an `--api-token`.
 * - **Read** (`GET /api/…`): everybody, because everybody may log in to the chat and read there: a
 *   credential that anybody can get from the same port keeps nobody out. But no page of another site
 *   may read through the browser of somebody who can reach this server.
 * - **Fetch a file**: its URL is the permission. The id in it has 144 random bits and is told to those
 *   who may read a room in which the file was announced, and to nobody else; that is what lets it work
 *   in `<img src>`, in clients that only show the URL, and with curl. A file that no message announces
 *   (yet, or any more) is there only for the session that uploaded it.
 *
 * @module
 */
import { createHash, timingSafeEqual } from "node:crypto";
import type { Client } from "../client.ts";
import { TokenBucket } from "../client/token_bucket.ts";
import type { AllowedOrigins, ApiToken } from "../config/config.ts";
import { findMember, type HubCommands } from "../hub/commands.ts";
import type { FileInfo } from "../protocol.ts";
import type { FileStore } from "../files/store.ts";
import { Problem } from "./problem.ts";
import { isOwnOrigin } from "./origin.ts";

/** What the decisions are made from. */
export interface AccessOptions {
  readonly hub: HubCommands;
  readonly files: FileStore;
  readonly apiTokens: readonly ApiToken[];
  readonly allowOrigins: AllowedOrigins;
  /** Messages a second with one token in the long run, and at once. A rate of 0: no limit. */
  readonly rate: number;
  readonly burst: number;
  /** Milliseconds of any clock. */
  readonly now?: () => number;
}

/** A token as it is compared. */
interface Key {
  readonly name: string;
  readonly digest: Uint8Array;
  readonly rate: TokenBucket | undefined;
}

/** Decides. What is not allowed is thrown, as a {@linkcode Problem}. */
export class Access {
  readonly #options: AccessOptions;
  readonly #keys: readonly Key[];
  readonly #now: () => number;

  constructor(options: AccessOptions) {
    const { apiTokens, rate, burst, now = Date.now } = options;
    this.#options = options;
    this.#now = now;
    this.#keys = apiTokens.map(({ name, secret }) => ({
      name,
      digest: digestOf(secret.reveal()),
      rate: rate === 0 ? undefined : new TokenBucket(rate, burst, now()),
    }));
  }

  /** The logged-in connection whose session a request carries. */
  async uploader(request: Request): Promise<Client> {
    const session = bearerOf(request);
    const client = session && await findMember(this.#options.hub, session);
    if (client) return client;
    const reason = "the session of a logged-in connection must be in Authorization: Bearer SESSION";
    throw Problem.of("unauthorized", `Cannot keep file: ${reason}`);
  }

  /** The name under which a request may speak, in any room. Counts it against the token's rate. */
  speaker(request: Request): string {
    this.#refuseOtherSites(request);
    const key = this.#findKey(bearerOf(request) ?? "");
    if (key === undefined) {
      const reason = "the secret of an --api-token must be in Authorization: Bearer SECRET";
      throw Problem.of("unauthorized", `Cannot say this: ${reason}`);
    }
    const wait = key.rate?.take(this.#now()) ?? 0;
    if (wait === 0) return key.name;
    const { rate, burst } = this.#options;
    const allowed = `at most ${rate} messages a second, ${burst} at once`;
    throw Problem.of("rate_limited", `Cannot say this: ${allowed}`, wait);
  }

  /** Whether a request may read what is said in the rooms. */
  read(request: Request): void {
    this.#refuseOtherSites(request);
  }

  /** Whether a request may fetch a file. */
  async mayFetch(request: Request, { id }: FileInfo): Promise<boolean> {
    const { files, hub } = this.#options;
    if (files.isAnnounced(id)) return true;
    const session = bearerOf(request);
    const client = session && await findMember(hub, session);
    return client !== undefined && client !== "" && files.isFrom(id, client.sessions);
  }

  /** Takes as long whichever token fits, or none. */
  #findKey(secret: string): Key | undefined {
    const digest = digestOf(secret);
    let found: Key | undefined;
    for (const key of this.#keys) if (timingSafeEqual(key.digest, digest)) found = key;
    return found;
  }

  /** A browser says whether it is another site's page that asks; who does not say it is no browser. */
  #refuseOtherSites({ headers }: Request): void {
    const { allowOrigins } = this.#options;
    const origin = headers.get("origin");
    if (allowOrigins.kind === "any") return;
    if (origin !== null && allowOrigins.origins.has(origin)) return;
    const site = headers.get("sec-fetch-site") ?? "none";
    const isOwn = origin === null || isOwnOrigin(origin, headers.get("host"));
    if (isOwn && (site === "none" || site === "same-origin")) return;
    throw Problem.of("forbidden", "Cannot serve request: pages of other sites may not ask this");
  }
}

/** The credential in `Authorization: Bearer …` (RFC 6750 §2.1). */
function bearerOf({ headers }: Request): string | undefined {
  return /^Bearer +(\S+) *$/i.exec(headers.get("authorization") ?? "")?.[1];
}

function digestOf(text: string): Uint8Array {
  return createHash("sha256").update(text).digest();
}
