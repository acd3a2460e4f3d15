/**
 * How many requests and bytes may come in a second: from one connection, from all connections of one user, and
 * from one address. Bytes are counted before anything is read of them, because reading is what costs.
 *
 * What one address may send at once would still keep the server busy for a while, so it is paced as well: read
 * piece by piece, as fast as the address may send on average, with room for all others in between.
 *
 * @module
 */
import { steadyNow } from "../clock/steady.ts";
import { networkOf } from "../network/network.ts";
import { KeyedBuckets } from "./keyed_buckets.ts";
import { TokenBucket } from "./token_bucket.ts";

/** How many times the bytes of a second a connection, a user or an address may send at once. */
const BYTE_BURST = 4;

/** How many times the requests of a second a user or an address may send at once. */
const REQUEST_BURST = 2;

/** How long a request over HTTP may be kept waiting, in milliseconds. */
const MAX_DELAY_MS = 2000;

/** What an address may owe at most, in milliseconds of its rates. */
const MAX_DEBT_MS = 1000;

/** Requests and bytes a second. A `rate` of 0 and `Infinity` are no limit. */
export interface AllowanceLimits {
  /** Requests of a connection, on average and at once. */
  readonly rate: number;
  readonly burst: number;
  readonly byteRate: number;
  readonly ratePerUser: number;
  readonly ratePerAddress: number;
}

/** A bucket for requests, one for bytes; each absent without a limit. */
interface Pair {
  readonly requests: TokenBucket | undefined;
  readonly bytes: TokenBucket | undefined;
}

/** More than is allowed. */
export interface Excess {
  /** Whose allowance is used up. */
  readonly of: "connection" | "user" | "address";
  /** In how many milliseconds it will do. */
  readonly wait: number;
}

/** What the connections of a server share. */
export class Allowances {
  readonly #limits: AllowanceLimits;
  readonly #maxFrame: number;
  readonly #now: () => number;
  readonly #users: (user: string) => Pair;
  readonly #addresses: (network: string) => Pair;
  /** Those by which addresses are paced: on connections, and over HTTP. */
  readonly #paces: (network: string) => Pair;
  readonly #visits: KeyedBuckets;

  /**
   * @param maxFrame largest frame in bytes, which can always be sent at once
   * @param now milliseconds of any clock
   */
  constructor(
    limits: AllowanceLimits,
    { maxFrame, now = steadyNow }: { readonly maxFrame: number; readonly now?: () => number },
  ) {
    this.#limits = limits;
    this.#maxFrame = maxFrame;
    this.#now = now;
    this.#users = this.#level(limits.ratePerUser);
    this.#addresses = this.#level(limits.ratePerAddress);
    const { ratePerAddress: rate, burst } = limits;
    this.#paces = this.#level(rate, { requests: burst, bytes: maxFrame });
    this.#visits = new KeyedBuckets({ rate, burst, now });
  }

  /** The allowance of a new connection. */
  ofConnection(ip: string): Allowance {
    const { rate, burst, byteRate } = this.#limits;
    const now = this.#now();
    const own: Pair = {
      requests: rate === 0 ? undefined : new TokenBucket(rate, burst, now),
      bytes: byteRate === Infinity
        ? undefined
        : new TokenBucket(byteRate, this.#atOnce(byteRate), now),
    };
    const network = networkOf(ip);
    const { requests: pace } = this.#paces(network);
    return new Allowance({ own, address: this.#addresses(network), pace, users: this.#users });
  }

  /**
   * Paces a request over HTTP.
   *
   * @param isProbe whether it only asks if the server is well: those do not wait for others
   * @returns in how many milliseconds it may be served; more than `most`: too many wait already
   */
  paceRequest(ip: string, isProbe = false): { readonly wait: number; readonly most: number } {
    const network = networkOf(ip);
    const bucket = this.#visits.of(isProbe && network !== "" ? `probes ${network}` : network);
    return { wait: bucket?.reserve(this.#now(), 1, MAX_DELAY_MS) ?? 0, most: MAX_DELAY_MS };
  }

  /**
   * Paces the bytes of one connection.
   *
   * @returns told how many have been read, in how many milliseconds the next ones may be
   */
  bytePace(ip: string): (bytes: number) => number {
    const { bytes: bucket } = this.#paces(networkOf(ip));
    return (bytes) => bucket?.reserve(this.#now(), bytes, MAX_DEBT_MS) ?? 0;
  }

  /**
   * Counts a request over HTTP, before it is known who makes it.
   *
   * @returns 0 if it may be served, else in how many milliseconds
   */
  takeAddressRequest(ip: string): number {
    return this.#addresses(networkOf(ip)).requests?.take(this.#now()) ?? 0;
  }

  /** The same, for its user; nobody's is not counted. */
  takeUserRequest(user: string): number {
    return this.#users(user).requests?.take(this.#now()) ?? 0;
  }

  /**
   * Counts bytes that come over HTTP, by address.
   *
   * @param count above the largest frame, it counts as that
   * @returns 0 if they may be read, else in how many milliseconds
   */
  takeBytes(ip: string, count: number): number {
    const { bytes } = this.#addresses(networkOf(ip));
    return bytes?.take(this.#now(), Math.min(count, this.#maxFrame)) ?? 0;
  }

  /** The buckets of users or addresses, by their requests a second; and how much of each at once. */
  #level(rate: number, atOnce?: { requests: number; bytes: number }): (key: string) => Pair {
    const { rate: base, byteRate } = this.#limits;
    const bytes = base === 0 || rate === Infinity ? Infinity : byteRate * rate / base;
    const burst = atOnce ?? { requests: REQUEST_BURST * rate, bytes: this.#atOnce(bytes) };
    const now = this.#now;
    const requests = new KeyedBuckets({ rate, burst: Math.max(1, burst.requests), now });
    const byBytes = new KeyedBuckets({ rate: bytes, burst: burst.bytes, now });
    return (key) => ({ requests: requests.of(key), bytes: byBytes.of(key) });
  }

  #atOnce(byteRate: number): number {
    return Math.max(this.#maxFrame, BYTE_BURST * byteRate);
  }
}

/** What one connection may send, besides all others of its user and its address. */
export class Allowance {
  readonly #own: Pair;
  readonly #address: Pair;
  readonly #pace: TokenBucket | undefined;
  readonly #users: (user: string) => Pair;
  #user: Pair = { requests: undefined, bytes: undefined };

  constructor({ own, address, pace, users }: {
    own: Pair;
    address: Pair;
    pace: TokenBucket | undefined;
    users: (user: string) => Pair;
  }) {
    this.#own = own;
    this.#address = address;
    this.#pace = pace;
    this.#users = users;
  }

  /** Sets the user whose requests these are from now on; empty: nobody in particular. */
  setUser(user: string): void {
    this.#user = this.#users(user);
  }

  /**
   * Counts a request.
   *
   * @param now milliseconds of the clock of {@linkcode Allowances}
   * @returns why it may not be served
   */
  takeRequest(now: number): Excess | undefined {
    return excess("connection", this.#own.requests, now, 1) ??
      excess("user", this.#user.requests, now, 1) ??
      excess("address", this.#address.requests, now, 1);
  }

  /** Paces requests that are served: in how many milliseconds the next ones may be read. */
  pace(now: number, count: number): number {
    return this.#pace?.reserve(now, count, MAX_DEBT_MS) ?? 0;
  }

  /**
   * Counts bytes that have arrived.
   *
   * @param count at most the largest frame
   * @returns why they may not be read
   */
  takeBytes(now: number, count: number): Excess | undefined {
    return excess("connection", this.#own.bytes, now, count) ??
      excess("user", this.#user.bytes, now, count) ??
      excess("address", this.#address.bytes, now, count);
  }
}

function excess(
  of: Excess["of"],
  bucket: TokenBucket | undefined,
  now: number,
  count: number,
): Excess | undefined {
  const wait = bucket?.take(now, count) ?? 0;
  return wait > 0 ? { of, wait } : undefined;
}
