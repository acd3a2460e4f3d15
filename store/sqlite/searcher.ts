/**
 * Searches the index: in order of time, across its shards.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import type { SearchPosition } from "../../protocol.ts";
import type { Query, StoredMessage } from "../store.ts";
import { compareFound, compileText, matcherOf, positionOf } from "../terms.ts";
import { Finder } from "./finder.ts";
import { indexQuery, type Scope } from "./index_terms.ts";
import { MessageLookup } from "./message_lookup.ts";
import { RoomReader } from "./room_reader.ts";
import type { Shards } from "./search_shards.ts";
import { type SearchPlan, SearchSource } from "./search_source.ts";
import type { Task } from "./turns.ts";

/**
 * A search that has worked so long, in milliseconds, answers what it has found. It goes on only if the next
 * page would begin where this one did.
 */
const BUDGET_MS = 300;

/** Before every room in the order of positions: what comes after it is older. */
const NO_ROOM = "!";

/** What was found in the index as it is. */
export interface SearchResult {
  messages: StoredMessage[];
  next?: SearchPosition;
}

/** Searches `search.db`. */
export class Searcher {
  #shards: Shards;
  #lookup: MessageLookup;
  #finder: Finder;
  #rooms: RoomReader;
  #budget: number;

  /**
   * @param main a connection to `hubbub.db`, owned by the caller
   * @param budget in milliseconds
   */
  constructor(shards: Shards, main: DatabaseSync, budget = BUDGET_MS) {
    this.#shards = shards;
    this.#lookup = new MessageLookup(main);
    this.#finder = new Finder(main);
    this.#rooms = new RoomReader(main);
    this.#budget = budget;
  }

  /**
   * See `Store.search`.
   *
   * @throws {IndexDamage}
   */
  *search(query: Query): Task<SearchResult> {
    const plan = this.#plan(query);
    if (plan === undefined) return { messages: [] };
    const sources = this.#shards.all
      .map((shard) => new SearchSource(this.#shards, this.#lookup, shard, plan))
      .filter(({ bound }) => bound > -Infinity);
    const results = new Results(query.limit);
    const start = newestBound(sources);
    for (;;) {
      const source = newestOf(sources);
      const bound = source?.bound ?? -Infinity;
      if (source === undefined || results.isFull(bound)) return results.take(bound);
      const spent: number = yield;
      const isFurther = results.count(bound) > 0 ||
        (bound < start && (query.position === undefined || comesAfter(bound, query.position)));
      if (spent > this.#budget && isFurther) return results.take(bound);
      results.add(source.advance());
    }
  }

  /** What to look for; `undefined` if nothing can be found. */
  #plan(query: Query): SearchPlan | undefined {
    const { by, from, has, position, rooms, also = [], except, after, before } = query;
    const text = compileText(query.text);
    const scope = this.#scopeOf(query);
    if (text.impossible || ("only" in scope && scope.only.length === 0)) return undefined;
    const filters = {
      ...(by !== undefined && { by }),
      ...(from !== undefined && { from }),
      ...(has !== undefined && { has }),
    };
    const matches = matcherOf(query);
    const named = new Set(rooms ?? also);
    const excepted = new Set(rooms === undefined ? except : []);
    // A room may have become private since the index has read it.
    const isCovered = (room: string) =>
      !excepted.has(room) &&
      (named.has(room) || (rooms === undefined && !this.#rooms.isHidden(room)));
    return {
      query: indexQuery(text, filters, scope),
      oldest: after ?? -Infinity,
      newest: Math.min(position?.time ?? Infinity, (before ?? Infinity) - 1),
      covers: this.#coverage(scope),
      finds: (message) =>
        matches(message) && isCovered(message.room) &&
        (position === undefined || compareFound(position, message) < 0),
    };
  }

  #scopeOf({ rooms, also = [] }: Query): Scope {
    const idsOf = (names: readonly string[]) =>
      [...new Set(names)].flatMap((room) => this.#finder.room(room)?.id ?? []);
    return rooms === undefined ? { also: idsOf(also) } : { only: idsOf(rooms) };
  }

  #coverage(scope: Scope): (roomId: number) => boolean {
    const named = new Set("only" in scope ? scope.only : scope.also);
    const isHidden = new Map<number, boolean>();
    return (roomId) => {
      if (named.has(roomId)) return true;
      if ("only" in scope) return false;
      const known = isHidden.get(roomId) ?? this.#rooms.isHiddenId(roomId);
      isHidden.set(roomId, known);
      return !known;
    };
  }
}

/** What a search has found so far. */
class Results {
  #limit: number;
  #found: StoredMessage[] = [];
  /** Whether {@linkcode #found} is sorted. */
  #sorted = true;
  /** Whether something was dropped: it is older than `#limit` others. */
  #dropped = false;

  constructor(limit: number) {
    this.#limit = limit;
  }

  add(messages: readonly StoredMessage[]): void {
    if (messages.length === 0) return;
    this.#found.push(...messages);
    this.#sorted = false;
    if (this.#found.length > 4 * this.#limit + 64) this.#trim();
  }

  /** How many of the results can have nothing before them that is still to come. */
  count(bound: number): number {
    this.#sort();
    const index = this.#found.findIndex(({ time }) => time <= bound);
    return index === -1 ? this.#found.length : index;
  }

  /** Whether there are enough results, and one more, which shows that there is something further. */
  isFull(bound: number): boolean {
    return this.#found.length > this.#limit && this.count(bound) > this.#limit;
  }

  /** The results, if nothing newer than `bound` is still to come. */
  take(bound: number): SearchResult {
    const certain = this.#found.slice(0, this.count(bound));
    const messages = certain.slice(0, this.#limit);
    const last = messages.at(-1);
    if (certain.length >= this.#limit && last !== undefined) {
      const isLast = bound === -Infinity && certain.length === this.#limit && !this.#dropped;
      return isLast ? { messages } : { messages, next: positionOf(last) };
    }
    if (bound === -Infinity) return { messages };
    return { messages, next: after(bound) };
  }

  #trim(): void {
    this.#sort();
    this.#found.length = this.#limit + 1;
    this.#dropped = true;
  }

  #sort(): void {
    if (!this.#sorted) this.#found.sort(compareFound);
    this.#sorted = true;
  }
}

/** The position before all messages that are no newer than `bound`. */
function after(bound: number): SearchPosition {
  return { time: bound + 1, room: NO_ROOM, seq: 0 };
}

function comesAfter(bound: number, position: SearchPosition): boolean {
  return compareFound(position, after(bound)) < 0;
}

/** The source whose next message may be the newest; `undefined` if none has a further message. */
function newestOf(sources: readonly SearchSource[]): SearchSource | undefined {
  let newest: SearchSource | undefined;
  for (const source of sources) {
    if (source.bound > (newest?.bound ?? -Infinity)) newest = source;
  }
  return newest;
}

function newestBound(sources: readonly SearchSource[]): number {
  return newestOf(sources)?.bound ?? -Infinity;
}
