/**
 * How often one user and one address may search: searches share a thread.
 *
 * @module
 */
import { networkOf } from "../network/network.ts";
import { KeyedBuckets } from "./keyed_buckets.ts";

/** Searches at once, as a multiple of those a second. */
const BURST = 2;

/** Searches from one address, as a multiple of those of one user. */
const ADDRESS_FACTOR = 10;

/** Counts by user and by address. */
export class SearchLimit {
  /** Searches a second of one user; `Infinity`: no limit. */
  readonly rate: number;
  readonly #byUser: KeyedBuckets;
  readonly #byAddress: KeyedBuckets;

  /** @param options.now milliseconds of any clock */
  constructor(
    { searchRate, now }: { readonly searchRate: number; readonly now?: () => number },
  ) {
    const clock = now !== undefined && { now };
    const byAddress = ADDRESS_FACTOR * searchRate;
    this.rate = searchRate;
    this.#byUser = new KeyedBuckets({ rate: searchRate, burst: BURST * searchRate, ...clock });
    this.#byAddress = new KeyedBuckets({ rate: byAddress, burst: BURST * byAddress, ...clock });
  }

  /**
   * Counts a search.
   *
   * @param user id; empty for somebody who is not logged in: then an address counts like one user
   * @returns 0, or in how many milliseconds it may be made
   */
  take(user: string, ip: string): number {
    const network = networkOf(ip);
    return this.#byUser.take(user === "" ? `ip ${network}` : user) ||
      this.#byAddress.take(network);
  }
}
