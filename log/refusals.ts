/**
 * What is refused, where the operator sees it: each refusal is counted by its reason, and logged in one line
 * with address, user and reason. The lines are limited themselves, by reason and by address: whoever floods
 * the server must neither flood its log nor hide what others do. What is left out is summed up in a line of
 * its own, whether anything follows or not.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { steadyNow } from "../clock/steady.ts";
import { KeyedBuckets } from "../limits/keyed_buckets.ts";
import { TokenBucket } from "../limits/token_bucket.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { networkOf } from "../network/network.ts";

const logger = getLogger(["hubbub", "refused"]);

/** Lines for one reason that may be logged at once, and how many more a second. */
const BURST = 20;
const RATE = 1;

/** The same for one reason and one network: see {@linkcode networkOf}. */
const NETWORK_BURST = 5;
const NETWORK_RATE = 0.1;

/** How long lines are left out before they are summed up, in milliseconds. */
const SUMMARY_MS = 10_000;

/** Most networks that a summary tells apart. */
const MAX_NETWORKS = 1000;

/** Longest detail that is logged, in UTF-16 code units. */
const MAX_DETAIL = 200;

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

/** All reasons. */
const REASONS: Readonly<Record<RefusalReason, true>> = {
  origin: true,
  bad_request: true,
  unauthorized: true,
  forbidden: true,
  banned: true,
  muted: true,
  connections: true,
  connections_per_address: true,
  unauthenticated: true,
  connect_rate: true,
  memory: true,
  rate: true,
  too_large: true,
  abuse: true,
  protocol: true,
  timeout: true,
  too_slow: true,
  sign_in_rate: true,
  wrong_password: true,
  rooms: true,
  storage: true,
  search_rate: true,
  unavailable: true,
};

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

type Schedule = (act: () => void, ms: number) => () => void;

/** A clock and a timer, so that tests need not wait. */
export interface RefusalLogOptions {
  /** Milliseconds of a clock that does not step. */
  readonly now?: () => number;
  /** Calls `act` after so many milliseconds, unless the function that it returns is called before. */
  readonly schedule?: Schedule;
}

/** What was left out of the log for a reason. */
interface Omitted {
  count: number;
  /** How often by network, as far as these are told apart. */
  readonly networks: Map<string, number>;
}

/** Counts and logs. */
export class RefusalLog implements Refusals {
  readonly #now: () => number;
  readonly #schedule: Schedule;
  readonly #counts = new Map<string, number>(Object.keys(REASONS).map((reason) => [reason, 0]));
  readonly #lines = new Map<RefusalReason, TokenBucket>();
  /** By reason and network. */
  readonly #networkLines: KeyedBuckets;
  readonly #omitted = new Map<RefusalReason, Omitted>();
  /** Prevents the next summary. */
  #cancel: (() => void) | undefined;

  constructor(
    metrics: Metrics,
    { now = steadyNow, schedule = afterTimeout }: RefusalLogOptions = {},
  ) {
    this.#now = now;
    this.#schedule = schedule;
    this.#networkLines = new KeyedBuckets({ rate: NETWORK_RATE, burst: NETWORK_BURST, now });
    metrics.register({
      name: "hubbub_refusals_total",
      help: "What was refused, by reason",
      type: "counter",
      label: "reason",
      values: Object.keys(REASONS),
      read: () => this.#counts,
    });
  }

  note({ reason, ip, user, detail }: Refusal): void {
    this.#counts.set(reason, (this.#counts.get(reason) ?? 0) + 1);
    const network = networkOf(ip);
    if (!this.#mayLog(reason, network)) return this.#omit(reason, network);
    logger.warn("Refused: {reason}", {
      reason,
      ip,
      ...(user !== undefined && user !== "" && { user }),
      ...(detail !== undefined && { detail: detail.slice(0, MAX_DETAIL) }),
    });
  }

  /** Sums up what was left out of the log so far: by itself some time after the first of it, and at the end. */
  summarize(): void {
    this.#cancel?.();
    this.#cancel = undefined;
    for (const [reason, { count, networks }] of this.#omitted) {
      const [most] = [...networks].sort(([, one], [, other]) => other - one);
      logger.warn("Refused {count} more times: {reason}", {
        count,
        reason,
        networks: networks.size < MAX_NETWORKS ? networks.size : `${MAX_NETWORKS} or more`,
        ...(most !== undefined && { most: most[0], times: most[1] }),
      });
    }
    this.#omitted.clear();
  }

  #mayLog(reason: RefusalReason, network: string): boolean {
    // The network's own budget first: what exceeds it takes nothing from the others'.
    const key = network === "" ? "" : `${reason} ${network}`;
    if (this.#networkLines.take(key) > 0) return false;
    const now = this.#now();
    let lines = this.#lines.get(reason);
    if (lines === undefined) {
      this.#lines.set(reason, lines = new TokenBucket(RATE, BURST, now));
    }
    return lines.take(now) === 0;
  }

  #omit(reason: RefusalReason, network: string): void {
    this.#cancel ??= this.#schedule(() => this.summarize(), SUMMARY_MS);
    let omitted = this.#omitted.get(reason);
    if (omitted === undefined) {
      this.#omitted.set(reason, omitted = { count: 0, networks: new Map() });
    }
    omitted.count++;
    const times = omitted.networks.get(network);
    if (network === "" || times === undefined && omitted.networks.size >= MAX_NETWORKS) return;
    omitted.networks.set(network, (times ?? 0) + 1);
  }
}

/** Does not keep the process alive. */
function afterTimeout(act: () => void, ms: number): () => void {
  const timer = setTimeout(act, ms);
  Deno.unrefTimer(timer);
  return () => clearTimeout(timer);
}
