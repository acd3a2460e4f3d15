/**
 * What one address may ask for, over WebSockets and HTTP together: requests and bytes a second, whatever
 * number of connections and users it has.
 *
 * @module
 */
import { networkOf } from "../network/network.ts";
import { KeyedBuckets } from "./keyed_buckets.ts";

/** Requests that may be made at once, as a multiple of those a second. */
const BURST = 2;

/** Bytes that may be sent at once, as a multiple of those a second. */
const BYTE_BURST = 4;

/** `Infinity` is no limit. */
export interface AddressRatesOptions {
  /** Requests a second of one connection; 0: no limit. */
  readonly rate: number;
  /** Requests a second of one address. */
  readonly ratePerAddress: number;
  /** Bytes a second of one connection: an address may send in the proportion of the requests. */
  readonly byteRate: number;
  /** Milliseconds of any clock. */
  readonly now?: () => number;
}

/** Counts by address; see `networkOf`. An empty one (a Unix socket) has no limits. */
export class AddressRates {
  /** Requests a second that an address may make. */
  readonly rate: number;
  readonly #requests: KeyedBuckets;
  readonly #bytes: KeyedBuckets;
  readonly #maxBytes: number;

  constructor({ rate, ratePerAddress, byteRate, now }: AddressRatesOptions) {
    const clock = now !== undefined && { now };
    // Without a rate of one connection there is no proportion: then bytes count as those of one.
    const factor = rate === 0 ? 1 : ratePerAddress / rate;
    const bytes = Math.max(byteRate, byteRate * factor);
    this.rate = ratePerAddress;
    this.#maxBytes = BYTE_BURST * bytes;
    this.#requests = new KeyedBuckets({
      rate: ratePerAddress,
      burst: BURST * ratePerAddress,
      ...clock,
    });
    this.#bytes = new KeyedBuckets({ rate: bytes, burst: this.#maxBytes, ...clock });
  }

  /** Counts requests. Returns 0, or in how many milliseconds they may be made. */
  takeRequests(ip: string, count = 1): number {
    return this.#requests.take(networkOf(ip), count);
  }

  /** Counts bytes, at most as many as may come at once. Returns 0, or in how many milliseconds they may. */
  takeBytes(ip: string, count: number): number {
    return this.#bytes.take(networkOf(ip), Math.min(count, this.#maxBytes));
  }
}
