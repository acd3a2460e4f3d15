/**
 * What the policy means for HTTP: who may do something is asked of it, and what it does not allow becomes
 * a problem with the right status. What HTTP adds is here too: pages of other sites, and the rate of
 * whoever posts.
 *
 * @module
 */
import { TokenBucket } from "../limits/token_bucket.ts";
import { steadyNow } from "../clock/steady.ts";
import type { AllowedOrigins } from "../config/config.ts";
import type { FileStore } from "../files/file_store.ts";
import { ask, type HubCommands } from "../hub/commands.ts";
import type { Policy } from "../people/policy.ts";
import type { Principal } from "../people/principal.ts";
import type { FileInfo, User, UserId } from "../protocol.ts";
import { isOwnOrigin } from "./origin.ts";
import { Problem } from "./problem.ts";

/** What the decisions are made from. */
export interface AccessOptions {
  readonly policy: Policy;
  readonly hub: HubCommands;
  readonly files: FileStore;
  readonly allowOrigins: AllowedOrigins;
  /** Messages a second of one user in the long run, and at once. A rate of 0: no limit. */
  readonly rate: number;
  readonly burst: number;
  /** Milliseconds of any clock. */
  readonly now?: () => number;
}

/** Somebody who is known. */
export type KnownPrincipal = Principal & { readonly user: User };

/** Maximum users whose rates are remembered; above it those that have not posted for a while are forgotten. */
const MAX_RATES = 10_000;

/** Decides. What is not allowed is thrown, as a {@linkcode Problem}. */
export class Access {
  readonly #options: AccessOptions;
  readonly #now: () => number;
  readonly #rates = new Map<UserId, TokenBucket>();

  constructor(options: AccessOptions) {
    this.#options = options;
    this.#now = options.now ?? steadyNow;
  }

  /** The user who may upload. */
  uploader(principal: Principal, request: Request): UserId {
    this.checkSite(request);
    return this.#known(principal, "upload", "store file").user.id;
  }

  /** Who may say something. Counts it against their rate. */
  speaker(request: Request, principal: Principal): KnownPrincipal {
    this.checkSite(request);
    const known = this.#known(principal, "post", "send message");
    const wait = this.#rateOf(known.user.id)?.take(this.#now()) ?? 0;
    if (wait === 0) return known;
    const { rate, burst } = this.#options;
    const allowed = `at most ${rate} messages a second, ${burst} at once`;
    throw Problem.of("rate_limited", `Cannot send message: ${allowed}`, wait);
  }

  /** Checks that somebody may read at all; which rooms, the hub knows. */
  read(request: Request, principal: Principal): void {
    this.checkSite(request);
    if (this.#options.policy.may(principal, "view")) return;
    throw needsSession("read");
  }

  /** Checks that somebody may read the metrics. */
  metrics(principal: Principal): void {
    if (this.#options.policy.may(principal, "metrics")) return;
    const reason =
      "the secret of an --api-token, or an admin's session, must be in Authorization: Bearer SECRET";
    throw Problem.of("unauthorized", `Cannot read metrics: ${reason}`);
  }

  /** Whether somebody may fetch a file: whoever uploaded it, and whoever may read where it is announced. */
  async mayFetch(principal: Principal, { id }: FileInfo): Promise<boolean> {
    const { files, policy, hub } = this.#options;
    if (!policy.may(principal, "view")) return false;
    const { user } = principal;
    if (user !== undefined && files.isFrom(id, user.id)) return true;
    return await ask(
      hub,
      ({ memberships }) =>
        files.isAnnouncedIn(
          id,
          (room) => policy.maySee(principal, memberships.access(room, user?.id)),
        ),
    );
  }

  /** Whether a file is there for everybody: announced in a public room of an open server. */
  async isPublic({ id }: FileInfo): Promise<boolean> {
    const { files, policy, hub } = this.#options;
    if (!policy.may({}, "view")) return false;
    return await ask(
      hub,
      ({ memberships }) => files.isAnnouncedIn(id, (room) => !memberships.isPrivate(room)),
    );
  }

  /** A browser says whether a page of another site asks; a client that does not say is no browser. */
  checkSite({ headers }: Request): void {
    const { allowOrigins } = this.#options;
    const origin = headers.get("origin");
    if (allowOrigins.kind === "any") return;
    if (origin !== null && allowOrigins.origins.has(origin)) return;
    const site = headers.get("sec-fetch-site") ?? "none";
    const isOwn = origin === null || isOwnOrigin(origin, headers.get("host"));
    if (isOwn && (site === "none" || site === "same-origin")) return;
    throw Problem.of("forbidden", "Cannot serve request: pages of other sites may not do this");
  }

  #known(principal: Principal, verb: "upload" | "post", action: string): KnownPrincipal {
    const { user } = principal;
    if (user !== undefined && this.#options.policy.may(principal, verb)) {
      return { ...principal, user };
    }
    throw needsSession(action);
  }

  #rateOf(user: UserId): TokenBucket | undefined {
    const { rate, burst } = this.#options;
    if (rate === 0) return undefined;
    let bucket = this.#rates.get(user);
    if (bucket === undefined) bucket = new TokenBucket(rate, burst, this.#now());
    this.#rates.delete(user); // so that it becomes the last
    this.#rates.set(user, bucket);
    const [oldest = user] = this.#rates.keys();
    if (this.#rates.size > MAX_RATES) this.#rates.delete(oldest);
    return bucket;
  }
}

function needsSession(action: string): Problem {
  const reason = "sign in first, or send a session or the secret of an --api-token in " +
    "Authorization: Bearer SECRET";
  return Problem.of("unauthorized", `Cannot ${action}: ${reason}`);
}
