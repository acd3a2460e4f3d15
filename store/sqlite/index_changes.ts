/**
 * Brings the search index up to date with edits, deletions and removals.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { EntryWriter } from "./entry_writer.ts";
import { lastChange } from "./search_database.ts";
import type { Shard, Shards } from "./search_shards.ts";

/** Changes that are read at a time. */
const MAX_CHANGES = 16_384;

/** Messages whose entries are updated at a time: a few milliseconds. */
const MAX_UPDATES = 8;

/** Segments that are read at a time. */
const MAX_SEGMENTS = 64;

/** Messages [first, first + count) have changed. */
interface Change {
  change: number;
  first: number;
  count: number;
}

/** A shard that is being replaced. */
interface Replacement {
  shard: Shard;
  /** Global id of the next message to read, and the first that is not to be read. */
  nextId: number;
  end: number;
  /** Up to this change, what is read is up to date. */
  change: number;
}

/**
 * Applies the changes to earlier messages that `hubbub.db` lists: to the entries of each message, or, if many of
 * a shard have changed, by replacing it. The old one is searched meanwhile.
 */
export class ChangeIndexer {
  #shards: Shards;
  #writer: EntryWriter;
  #main: DatabaseSync;
  #replaceFrom: number;
  #changesAfter: StatementSync;
  /** Changes that were read and are not applied yet. */
  #changes: Change[] = [];
  #next = 0;
  /** How many messages of the next change are up to date. */
  #done = 0;
  /** The first ids of shards that are to be replaced. */
  #toReplace: number[] = [];
  #replacement: Replacement | undefined;
  /** By the first ids of shards that were replaced: changes up to these need not be applied to them. */
  #replacedAt = new Map<number, number>();

  /**
   * @param main a connection to `hubbub.db`
   * @param replaceFrom a shard of which so many messages have changed is replaced
   */
  constructor(shards: Shards, writer: EntryWriter, main: DatabaseSync, replaceFrom: number) {
    this.#shards = shards;
    this.#writer = writer;
    this.#main = main;
    this.#replaceFrom = replaceFrom;
    this.#changesAfter = main.prepare(
      "SELECT change, number, count FROM changes WHERE change > ? ORDER BY change LIMIT ?",
    );
  }

  /**
   * Reads the changes after one, unless some that were read are left. To be called before new segments are read:
   * then what changes in between is in the segments, or read next time.
   *
   * @param nextId global id of the first message that is not indexed
   * @returns whether there is something to do
   */
  prepare(change: number, nextId: number): boolean {
    if (this.#replacement !== undefined || this.#next < this.#changes.length) return true;
    this.#next = 0;
    this.#changes = this.#changesAfter.all(change, MAX_CHANGES).map((row) => ({
      change: Number(row["change"]),
      first: Number(row["number"]),
      count: Number(row["count"]),
    }));
    if (this.#changes.length === 0) this.#replacedAt.clear();
    else this.#toReplace = this.#muchChanged(nextId);
    return this.#changes.length > 0;
  }

  /**
   * Applies some of the changes.
   *
   * @param nextId global id of the first message that is not indexed
   * @param deadline when to stop, as `performance.now()`
   * @returns the last change that is applied; `undefined`: the same as before
   */
  apply(nextId: number, deadline: number): number | undefined {
    this.#replacement ??= this.#beginReplacement(nextId);
    if (this.#replacement !== undefined) {
      this.#continue(this.#replacement, deadline);
      return undefined;
    }
    let applied: number | undefined;
    do {
      const change = this.#changes[this.#next];
      if (change === undefined) break;
      if (this.#applyPart(change, nextId)) {
        applied = change.change;
        this.#next++;
        this.#done = 0;
      }
    } while (performance.now() < deadline);
    return applied;
  }

  /** Updates the next few messages of a change; returns whether it is applied. */
  #applyPart({ change, first, count }: Change, nextId: number): boolean {
    const start = first + this.#done;
    const last = Math.min(first + count, nextId);
    const shard = start < last ? this.#shards.of(start) : undefined;
    if (shard === undefined) return true;
    const end = Math.min(last, this.#shards.endOf(shard) ?? last);
    if (this.#isReplaced(shard, change)) {
      this.#done = end - first;
    } else {
      const next = Math.min(start + MAX_UPDATES, end);
      this.#writer.update(shard, start, next);
      this.#done = next - first;
    }
    return this.#done >= last - first;
  }

  #muchChanged(nextId: number): number[] {
    const counts = new Map<Shard, number>();
    for (const { change, first, count } of this.#changes) {
      const last = Math.min(first + count, nextId);
      for (let start = first; start < last;) {
        const shard = this.#shards.of(start);
        const end = shard === undefined ? last : Math.min(last, this.#shards.endOf(shard) ?? last);
        if (shard !== undefined && !this.#isReplaced(shard, change)) {
          counts.set(shard, (counts.get(shard) ?? 0) + end - start);
        }
        start = end;
      }
    }
    return [...counts].filter(([, count]) => count >= this.#replaceFrom)
      .map(([{ first }]) => first);
  }

  #beginReplacement(nextId: number): Replacement | undefined {
    const first = this.#toReplace.shift();
    const shard = first === undefined ? undefined : this.#shards.get(first);
    if (shard === undefined) return undefined;
    // New messages go elsewhere from now on.
    if (shard === this.#shards.newest) this.#shards.save(this.#shards.create(nextId));
    return {
      shard: this.#shards.create(shard.first),
      nextId: shard.first,
      end: this.#shards.endOf(shard) ?? nextId,
      change: lastChange(this.#main),
    };
  }

  #continue(replacement: Replacement, deadline: number): void {
    const { shard, end } = replacement;
    for (;;) {
      const segments = this.#writer.segmentsFrom(replacement.nextId, MAX_SEGMENTS)
        .filter(({ firstId }) => firstId < end);
      if (segments.length === 0) break;
      for (const segment of segments) {
        this.#writer.add(shard, segment);
        replacement.nextId = segment.firstId + segment.count;
        if (performance.now() > deadline) return;
      }
    }
    this.#endReplacement(replacement);
  }

  #endReplacement({ shard, change }: Replacement): void {
    this.#replacedAt.set(shard.first, change);
    this.#replacement = undefined;
    const replaced = this.#shards.get(shard.first);
    if (shard.newest > -Infinity || replaced === undefined) return this.#shards.save(shard);
    this.#shards.discard(shard);
    this.#shards.remove(replaced);
  }

  /** Whether a change is indexed because the whole shard was. */
  #isReplaced({ first }: Shard, change: number): boolean {
    return change <= (this.#replacedAt.get(first) ?? 0);
  }
}
