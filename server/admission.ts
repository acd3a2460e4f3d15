/**
 * Counts connections and enforces the limits on them: how many there may be, and how many may be opened a
 * second.
 *
 * @module
 */
import { Gate } from "../limits/gate.ts";
import { KeyedBuckets } from "../limits/keyed_buckets.ts";
import { networkOf } from "../network/network.ts";

/** Connections that may be opened at once, as a multiple of those a second. */
const CONNECT_BURST = 20;

/** Limits on connections; `Infinity` is no limit. */
export interface AdmissionLimits {
  /** In all. */
  readonly maxConnections: number;
  /** Of one address. */
  readonly maxConnectionsPerAddress: number;
  /** That have not logged in, and came without a credential. */
  readonly maxUnauthenticated: number;
  /** New ones a second, of one address. */
  readonly connectRate: number;
  /** Milliseconds of any clock. */
  readonly now?: () => number;
}

/** Which limit there is no place below. */
export type Full = "full" | "address_full" | "unauthenticated";

/** The place of one connection. Its methods may be called in any order, each any number of times. */
export interface Place {
  /** The connection has logged in, and no longer counts as unauthenticated. */
  loggedIn(): void;
  /** The connection has logged out, and counts as unauthenticated again. */
  loggedOut(): void;
  /** The connection is gone. */
  leave(): void;
}

/** Counts connections from the moment they are accepted until they are really gone, by address: `networkOf`. */
export class Admission {
  readonly #gate: Gate;
  readonly #connects: KeyedBuckets;
  readonly #maxUnauthenticated: number;
  #unauthenticated = 0;

  constructor(limits: AdmissionLimits) {
    const { maxConnections, maxConnectionsPerAddress, connectRate, now } = limits;
    this.#gate = new Gate({ max: maxConnections, maxEach: maxConnectionsPerAddress });
    this.#maxUnauthenticated = limits.maxUnauthenticated;
    this.#connects = new KeyedBuckets({
      rate: connectRate,
      burst: CONNECT_BURST * connectRate,
      ...(now !== undefined && { now }),
    });
  }

  /** Connections that are not gone yet, closing ones included. */
  get count(): number {
    return this.#gate.count;
  }

  /** Those of them that have not logged in. */
  get unauthenticated(): number {
    return this.#unauthenticated;
  }

  /**
   * Counts an attempt to connect, before anything is done for it.
   *
   * @param ip empty for a Unix socket, which has no rate
   * @returns 0, or in how many milliseconds another one may be made
   */
  attempt(ip: string): number {
    return this.#connects.take(networkOf(ip));
  }

  /**
   * Gives a connection its place if the limits allow it.
   *
   * @param ip empty for a Unix socket, to which only the totals apply
   * @param isKnown whether it came with a credential: unauthenticated connections must not take their places
   */
  enter(ip: string, isKnown: boolean): Place | Full {
    if (!isKnown && this.#unauthenticated >= this.#maxUnauthenticated) return "unauthenticated";
    const slot = this.#gate.enter(networkOf(ip));
    if (slot === "key_full") return "address_full";
    if (slot === "full") return slot;
    let isCounted = false;
    const count = (should: boolean) => {
      if (should !== isCounted) this.#unauthenticated += should ? 1 : -1;
      isCounted = should;
    };
    let isGone = false;
    count(!isKnown);
    return {
      loggedIn: () => count(false),
      loggedOut: () => count(!isGone),
      leave() {
        isGone = true;
        count(false);
        slot[Symbol.dispose]();
      },
    };
  }
}
