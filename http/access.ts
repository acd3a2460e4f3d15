/**
 * What the policy means for HTTP: who may do something is asked of it, and what it does not allow becomes
 * a problem with the right status. What HTTP adds is here too: pages of other sites, and the rate of a
 * program that posts.
 *
 * @module
 */
import { TokenBucket } from "../client.ts";
import type { AllowedOrigins } from "../config/config.ts";
import type { FileStore } from "../files/file_store.ts";
import type { Policy } from "../people/policy.ts";
import type { Principal } from "../people/principal.ts";
import type { FileInfo } from "../protocol.ts";
import { isOwnOrigin } from "./origin.ts";
import { Problem } from "./problem.ts";

/** What the decisions are made from. */
export interface AccessOptions {
  readonly policy: Policy;
  readonly files: FileStore;
  readonly allowOrigins: AllowedOrigins;
  /** Messages a second of one program in the long run, and at once. A rate of 0: no limit. */
  readonly rate: number;
  readonly burst: number;
  /** Milliseconds of any clock. */
  readonly now?: () => number;
}

/** Decides. What is not allowed is thrown, as a {@linkcode Problem}. */
export class Access {
  readonly #options: AccessOptions;
  readonly #now: () => number;
  /** By the name of the program. */
  readonly #rates = new Map<string, TokenBucket>();

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#now = options.now ?? Date.now;
  }

  /** The session under which somebody may upload. */
  uploader(principal: Principal): string {
    const [session] = principal.sessions ?? [];
    if (this.#options.policy.may(principal, "upload") && session !== undefined) return session;
    const reason = "the session of a logged-in connection must be in Authorization: Bearer SESSION";
    throw Problem.of("unauthorized", `Cannot store file: ${reason}`);
  }

  /** The name under which somebody may say something in a room. Counts it against their rate. */
  speaker(request: Request, principal: Principal, room: string): string {
    this.#refuseOtherSites(request);
    const name = principal.user?.name;
    if (!this.#options.policy.may(principal, "post", room) || name === undefined) {
      throw needsToken("send message");
    }
    const wait = this.#rateOf(name)?.take(this.#now()) ?? 0;
    if (wait === 0) return name;
    const { rate, burst } = this.#options;
    const allowed = `at most ${rate} messages a second, ${burst} at once`;
    throw Problem.of("rate_limited", `Cannot send message: ${allowed}`, wait);
  }

  /** Checks that somebody may read what is said, in one room or in all. */
  read(request: Request, principal: Principal, room?: string): void {
    this.#refuseOtherSites(request);
    if (this.#options.policy.may(principal, "read", room)) return;
    throw Problem.of("forbidden", "Cannot read: you may not do this here");
  }

  /** Checks that somebody may read the metrics. */
  metrics(principal: Principal): void {
    if (!this.#options.policy.may(principal, "metrics")) throw needsToken("read metrics");
  }

  /** Whether somebody may fetch a file. */
  mayFetch({ sessions = [] }: Principal, { id }: FileInfo): boolean {
    const { files, policy } = this.#options;
    return policy.mayFetch({ announced: files.isAnnounced(id), own: files.isFrom(id, sessions) });
  }

  #rateOf(name: string): TokenBucket | undefined {
    const { rate, burst } = this.#options;
    if (rate === 0) return undefined;
    let bucket = this.#rates.get(name);
    if (bucket === undefined) {
      this.#rates.set(name, bucket = new TokenBucket(rate, burst, this.#now()));
    }
    return bucket;
  }

  /** A browser says whether a page of another site asks; a client that does not say is no browser. */
  #refuseOtherSites({ headers }: Request): void {
    const { allowOrigins } = this.#options;
    const origin = headers.get("origin");
    if (allowOrigins.kind === "any") return;
    if (origin !== null && allowOrigins.origins.has(origin)) return;
    const site = headers.get("sec-fetch-site") ?? "none";
    const isOwn = origin === null || isOwnOrigin(origin, headers.get("host"));
    if (isOwn && (site === "none" || site === "same-origin")) return;
    throw Problem.of("forbidden", "Cannot serve request: pages of other sites may not do this");
  }
}

function needsToken(verb: string): Problem {
  const reason = "the secret of an --api-token must be in Authorization: Bearer SECRET";
  return Problem.of("unauthorized", `Cannot ${verb}: ${reason}`);
}
