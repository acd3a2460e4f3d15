/**
 * A rate limit for each of many: users, or the networks that requests come from.
 *
 * @module
 */
import { steadyNow } from "../clock/steady.ts";
import { TokenBucket } from "./token_bucket.ts";

/** Maximum number of keys that are remembered; above it the one used longest ago is forgotten. */
const MAX_KEYS = 10_000;

/** How much, and by which clock. */
export interface KeyedBucketsOptions {
  /** Tokens that come back a second; `Infinity`: no limit. */
  readonly rate: number;
  /** Most tokens that can be taken at once, at least 1. */
  readonly burst: number;
  /** Milliseconds of any clock. */
  readonly now?: () => number;
}

/** Token buckets by key, made when they are needed. */
export class KeyedBuckets {
  readonly #options: KeyedBucketsOptions;
  readonly #now: () => number;
  readonly #buckets = new Map<string, TokenBucket>();

  constructor(options: KeyedBucketsOptions) {
    this.#options = options;
    this.#now = options.now ?? steadyNow;
  }

  /** The bucket of a key; `undefined` if there is no limit, or the key is empty. */
  of(key: string): TokenBucket | undefined {
    const { rate, burst } = this.#options;
    if (rate === Infinity || key === "") return undefined;
    const bucket = this.#buckets.get(key) ?? new TokenBucket(rate, burst, this.#now());
    this.#buckets.delete(key); // so that it becomes the last
    this.#buckets.set(key, bucket);
    if (this.#buckets.size > MAX_KEYS) {
      const [oldest = key] = this.#buckets.keys();
      this.#buckets.delete(oldest);
    }
    return bucket;
  }

  /**
   * Takes tokens of a key if they are there.
   *
   * @param count no more than the burst
   * @returns 0 if they were taken, else in how many milliseconds they will be there
   */
  take(key: string, count = 1): number {
    return this.of(key)?.take(this.#now(), count) ?? 0;
  }
}
