/**
 * What the policy means for HTTP: who may do something is asked of it, and what it does not allow becomes
 * a problem with the right status. What HTTP adds is here too: pages of other sites, and the rate of
 * whoever posts.
 *
 * @module
 */
import { KeyedBuckets } from "../limits/keyed_buckets.ts";
import { SearchLimit } from "../limits/search_limit.ts";
import type { AllowedOrigins } from "../config/config.ts";
import type { FileStore } from "../files/file_store.ts";
import { ask, type HubCommands } from "../hub/commands.ts";
import { refuseMuted } from "../hub/enforcement.ts";
import type { Policy } from "../people/policy.ts";
import { ANONYMOUS, type Principal } from "../people/principal.ts";
import { NO_SANCTIONS, type Sanctions } from "../people/sanctions.ts";
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
  /** Who may read public rooms: whoever may enter (default), or only who has a session. */
  readonly readApi?: "open" | "sessions";
  /** Where browsers find the page, if a proxy stands in front of the server. */
  readonly publicUrl?: string;
  /** Default: no limit. */
  readonly searches?: SearchLimit;
  /** Default: nobody is muted. */
  readonly sanctions?: Sanctions;
  /** Milliseconds of any clock. */
  readonly now?: () => number;
  /** Milliseconds since 1970. */
  readonly clock?: () => number;
}

/** Somebody who is known. */
export type KnownPrincipal = Principal & { readonly user: User };

/** Decides. What is not allowed is thrown, as a {@linkcode Problem}. */
export class Access {
  readonly #options: AccessOptions;
  readonly #posts: KeyedBuckets;
  readonly #searches: SearchLimit;

  constructor(options: AccessOptions) {
    const { rate, burst, searches, now } = options;
    this.#options = options;
    this.#posts = new KeyedBuckets({
      rate: rate === 0 ? Infinity : rate,
      burst,
      ...(now !== undefined && { now }),
    });
    this.#searches = searches ?? new SearchLimit({ searchRate: Infinity });
  }

  /**
   * The user who may upload.
   *
   * @param ip the address that the upload comes from; may be empty
   * @throws {Refused} `muted`
   */
  uploader(principal: Principal, request: Request, ip: string): UserId {
    this.checkSite(request);
    const { user } = this.#known(principal, "upload", "store file");
    const { sanctions = NO_SANCTIONS, clock = Date.now } = this.#options;
    refuseMuted(user, ip, "store file", { sanctions, now: clock });
    return user.id;
  }

  /** Who may say something. Counts it against their rate. */
  speaker(request: Request, principal: Principal): KnownPrincipal {
    this.checkSite(request);
    const known = this.#known(principal, "post", "send message");
    const wait = this.#posts.take(known.user.id);
    if (wait === 0) return known;
    const { rate, burst } = this.#options;
    const allowed = `at most ${rate} messages a second, ${burst} at once`;
    throw Problem.of("rate_limited", `Cannot send message: ${allowed}`, wait);
  }

  /** Checks that somebody may read at all; which rooms, the hub knows. */
  read(request: Request, principal: Principal): void {
    this.checkSite(request);
    if (this.#mayView(principal)) return;
    throw needsSession("read");
  }

  /** Checks that somebody may search at all. Counts it against the rate of the user and of the address. */
  search(request: Request, principal: Principal, ip: string): void {
    this.read(request, principal);
    this.#searches.take(principal.user?.id ?? "", ip);
  }

  /**
   * The admin who asks.
   *
   * @param verb completes "Cannot VERB: …"
   */
  admin(request: Request, principal: Principal, verb: string): User {
    this.checkSite(request);
    const { user } = principal;
    if (user === undefined) throw needsSession(verb);
    if (this.#options.policy.may(principal, "administer")) return user;
    throw Problem.of("forbidden", `Cannot ${verb}: only admins of this server may`);
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
    if (!this.#mayView(principal)) return false;
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
    if (!this.#mayView(ANONYMOUS)) return false;
    return await ask(
      hub,
      ({ memberships }) =>
        files.isAnnouncedIn(id, (room) => policy.maySee(ANONYMOUS, memberships.access(room))),
    );
  }

  /** A browser says whether a page of another site asks; a client that does not say is no browser. */
  checkSite({ headers }: Request): void {
    const { allowOrigins, publicUrl } = this.#options;
    const origin = headers.get("origin");
    if (allowOrigins.kind === "any") return;
    if (origin !== null && allowOrigins.origins.has(origin)) return;
    const site = headers.get("sec-fetch-site") ?? "none";
    const isOwn = origin === null || isOwnOrigin(origin, headers.get("host"), publicUrl);
    if (isOwn && (site === "none" || site === "same-origin")) return;
    const problem = "Cannot serve request: pages of other sites may not do this";
    throw new Problem(403, problem, { code: "forbidden", reason: "origin" });
  }

  #mayView(principal: Principal): boolean {
    const { policy, readApi } = this.#options;
    return policy.may(principal, "view") &&
      (readApi !== "sessions" || principal.user !== undefined);
  }

  #known(principal: Principal, verb: "upload" | "post", action: string): KnownPrincipal {
    const { user } = principal;
    if (user !== undefined && this.#options.policy.may(principal, verb)) {
      return { ...principal, user };
    }
    throw needsSession(action);
  }
}

function needsSession(action: string): Problem {
  const reason = "sign in first, or send a session or the secret of an --api-token in " +
    "Authorization: Bearer SECRET";
  return Problem.of("unauthorized", `Cannot ${action}: ${reason}`);
}
