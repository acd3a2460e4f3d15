/**
 * What is refused, where the operator sees it: each refusal is counted by its reason, and logged in one line
 * with address, user and reason. The lines are limited themselves: whoever floods the server must not flood
 * its log.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { steadyNow } from "../clock/steady.ts";
import { TokenBucket } from "../limits/token_bucket.ts";
import type { Metrics } from "../metrics/metrics.ts";

const logger = getLogger(["hubbub", "refused"]);

/** Lines for one reason that may be logged at once, and how many more a second. */
const BURST = 20;
const RATE = 1;

/** Why something was refused. A closed list: it labels a metric. */
export type RefusalReason =
  /** A page of another origin or site. */
  | "origin"
  /** An invalid `Host`, an ambiguous request, a handshake that breaks RFC 6455. */
  | "bad_request"
  /** A credential that is wrong or has ended, or none where one is needed. */
  | "unauthorized"
  /** Somebody who is known and may not. */
  | "forbidden"
  /** A banned address, user or name. */
  | "banned"
  | "muted"
  /** `--max-connections`, `--max-connections-per-address`, `--max-unauthenticated`, `--connect-rate`. */
  | "connections"
  | "connections_per_address"
  | "unauthenticated"
  | "connect_rate"
  /** `--max-memory`. */
  | "memory"
  /** Requests or bytes a second, of a connection, a user or an address. */
  | "rate"
  /** A message, frame, body or head that is too large. */
  | "too_large"
  /** A connection that was closed because too much of what it sent was refused. */
  | "abuse"
  /** A connection that broke RFC 6455. */
  | "protocol"
  /** Headers, a body, a login or a pong that did not come in time. */
  | "timeout"
  /** A client that does not read. */
  | "too_slow"
  /** Sign-ins, and the passwords that were wrong. */
  | "sign_in_rate"
  | "wrong_password"
  | "rooms"
  | "storage"
  | "search_rate"
  /** The server is busy, or about to stop. */
  | "unavailable";

/** Something that was refused. */
export interface Refusal {
  readonly reason: RefusalReason;
  /** The client's address; empty on a Unix socket. */
  readonly ip: string;
  /** Id of the user, if it is known. Never the name. */
  readonly user?: string | undefined;
  /** What it was about: a path, a close code. Never what somebody said, and no secret. */
  readonly detail?: string | undefined;
}

/** Is told of what is refused. Never throws. */
export interface Refusals {
  note(refusal: Refusal): void;
}

/** For whoever does not want to know. */
export const NO_REFUSALS: Refusals = {
  note() {},
};

/** Counts and logs. */
export class RefusalLog implements Refusals {
  readonly #now: () => number;
  readonly #counts = new Map<RefusalReason, number>();
  readonly #lines = new Map<RefusalReason, { bucket: TokenBucket; omitted: number }>();

  /** @param now milliseconds of any clock */
  constructor(metrics: Metrics, { now = steadyNow }: { readonly now?: () => number } = {}) {
    this.#now = now;
    metrics.register({
      name: "hubbub_refusals_total",
      help: "What was refused, by reason",
      type: "counter",
      label: "reason",
      read: () => this.#counts,
    });
  }

  note({ reason, ip, user, detail }: Refusal): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    const now = this.#now();
    let lines = this.#lines.get(reason);
    if (lines === undefined) {
      this.#lines.set(reason, lines = { bucket: new TokenBucket(RATE, BURST, now), omitted: 0 });
    }
    if (lines.bucket.take(now) > 0) {
      lines.omitted++;
      return;
    }
    logger.warn("Refused: {reason}", {
      reason,
      ip,
      ...(user !== undefined && user !== "" && { user }),
      ...(detail !== undefined && { detail }),
      ...(lines.omitted > 0 && { omitted: lines.omitted }),
    });
    lines.omitted = 0;
  }
}
