/**
 * What a search finds in one shard, in small steps.
 *
 * @module
 */
import type { StoredMessage } from "../store.ts";
import type { IndexQuery } from "./index_terms.ts";
import type { MessageLookup } from "./message_lookup.ts";
import type { Shard, Shards } from "./search_shards.ts";

/** What a search looks for in each shard. */
export interface SearchPlan {
  query: IndexQuery;
  /** The `time` of the first and of the last message that can be found. */
  oldest: number;
  newest: number;
  /** Whether messages of a room may be found. Asked only if the index query leaves the rooms out. */
  covers(roomId: number): boolean;
  /** Whether a message, as it is now, is found. */
  finds(message: StoredMessage): boolean;
}

/** Candidates that are examined at a time: about a millisecond. */
const CHUNK = 16;

/** The candidates of one shard, the greatest global id first. */
export class SearchSource {
  /** No message that is still to come is newer, in milliseconds since 1970; -Infinity if none is to come. */
  bound: number;
  #shards: Shards;
  #lookup: MessageLookup;
  #plan: SearchPlan;
  #first: number;
  #disorder: number;
  /** Global ids, descending; absent before the shard is queried. */
  #candidates: number[] | undefined;
  #next = 0;

  constructor(shards: Shards, lookup: MessageLookup, shard: Shard, plan: SearchPlan) {
    this.#shards = shards;
    this.#lookup = lookup;
    this.#plan = plan;
    this.#first = shard.first;
    this.#disorder = shard.disorder;
    this.bound = Math.min(shard.newest, plan.newest);
    if (shard.oldest > plan.newest) this.bound = -Infinity;
    this.#endIfOld();
  }

  /**
   * Finds some more messages, and lowers {@linkcode bound}.
   *
   * @throws {IndexDamage}
   */
  advance(): StoredMessage[] {
    this.#lookup.refresh();
    if (this.#candidates === undefined) {
      this.#open();
      return [];
    }
    const found: StoredMessage[] = [];
    const end = Math.min(this.#next + CHUNK, this.#candidates.length);
    for (; this.#next < end; this.#next++) {
      const message = this.#examine(this.#candidates[this.#next] ?? 0);
      if (message !== undefined) found.push(message);
    }
    if (this.#next >= this.#candidates.length) this.bound = -Infinity;
    this.#endIfOld();
    return found;
  }

  #open(): void {
    // Replaced or removed since, perhaps; then what is there now is searched.
    const shard = this.#shards.get(this.#first);
    this.#candidates = shard === undefined
      ? []
      : this.#shards.find(shard, this.#plan.query.expression);
    if (shard !== undefined) this.#disorder = Math.max(this.#disorder, shard.disorder);
    if (shard !== undefined && shard.newest > this.#plan.newest) this.#next = this.#seek();
    if (this.#next >= this.#candidates.length) this.bound = -Infinity;
  }

  /** A message that is found. Lowers the bound. */
  #examine(id: number): StoredMessage | undefined {
    const { query, newest, oldest, covers, finds } = this.#plan;
    if (query.anyRoom) {
      const roomId = this.#lookup.roomId(id);
      if (roomId === undefined || !covers(roomId)) return undefined;
    }
    const message = this.#lookup.message(id);
    if (message === undefined) return undefined;
    this.bound = Math.min(this.bound, message.time + this.#disorder);
    const isInTime = message.time >= oldest && message.time <= newest;
    return isInTime && finds(message) ? message : undefined;
  }

  /** Index of the first candidate that is not certainly too new, or of an earlier one. */
  #seek(): number {
    const candidates = this.#candidates ?? [];
    let [low, high] = [0, candidates.length];
    while (low < high) {
      const middle = (low + high) >> 1;
      const message = this.#lookup.message(candidates[middle] ?? 0);
      const isTooNew = message !== undefined && message.time > this.#plan.newest + this.#disorder;
      // What has a greater global id is too new as well.
      if (isTooNew) low = middle + 1;
      else high = middle;
    }
    return low;
  }

  #endIfOld(): void {
    if (this.bound < this.#plan.oldest) this.bound = -Infinity;
  }
}
