/**
 * How often one user and one address may search: searches share a thread.
 *
 * @module
 */
import { networkOf } from "../network/network.ts";
import { Refused } from "../protocol.ts";
import { KeyedBuckets } from "./keyed_buckets.ts";

/** Searches at once, as a multiple of those a second. */
const BURST = 2;

/** Searches from one address, as a multiple of those of one user. */
const ADDRESS_FACTOR = 10;

/** A search that was refused because its user, or its address, has begun too many. */
export class TooManySearches extends Refused {
  constructor(rate: number, retryMs: number) {
    const allowed = `at most ${rate} a second, and ${ADDRESS_FACTOR * rate} from one address`;
    super("rate_limited", `Cannot search: ${allowed}`, retryMs);
  }
}

/** Counts by user and by address. */
export class SearchLimit {
  readonly #rate: number;
  readonly #byUser: KeyedBuckets;
  readonly #byAddress: KeyedBuckets;

  /**
   * @param options.searchRate searches a second of one user; `Infinity`: no limit
   * @param options.now milliseconds of any clock
   */
  constructor(
    { searchRate, now }: { readonly searchRate: number; readonly now?: () => number },
  ) {
    const clock = now !== undefined && { now };
    const byAddress = ADDRESS_FACTOR * searchRate;
    this.#rate = searchRate;
    this.#byUser = new KeyedBuckets({ rate: searchRate, burst: BURST * searchRate, ...clock });
    this.#byAddress = new KeyedBuckets({ rate: byAddress, burst: BURST * byAddress, ...clock });
  }

  /**
   * Counts a search.
   *
   * @param user id; empty for somebody who is not logged in: then an address counts like one user
   * @throws {TooManySearches} `rate_limited`
   */
  take(user: string, ip: string): void {
    const network = networkOf(ip);
    const wait = this.#byUser.take(user === "" ? `ip ${network}` : user) ||
      this.#byAddress.take(network);
    if (wait > 0) throw new TooManySearches(this.#rate, wait);
  }
}
