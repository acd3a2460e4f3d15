/**
 * The search index: a database of its own, `search.db`, derived from `hubbub.db`. It is recreated
 * whenever it is unusable.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Query } from "../store.ts";
import { EntryWriter } from "./entry_writer.ts";
import { ChangeIndexer } from "./index_changes.ts";
import type { Position } from "./position.ts";
import type { ReaderOptions } from "./reader_messages.ts";
import { inIndex, openSearchDatabase } from "./search_database.ts";
import { Searcher, type SearchResult } from "./searcher.ts";
import { type Shard, Shards } from "./search_shards.ts";
import type { Segment } from "./segments.ts";
import type { Task } from "./turns.ts";

/** How long a step of an update works, in milliseconds; it blocks everything else on its thread. */
const STEP_MS = 8;

/** Segments that are read at a time. */
const MAX_SEGMENTS = 64;

/** Pages given back to the disk in one step: a few milliseconds. */
const VACUUM_PAGES = 64;

/** Unused pages that the file keeps for new entries: 4 MiB. */
const KEPT_PAGES = 1024;

/** Settings of {@linkcode SearchIndex}. */
export interface SearchIndexOptions {
  /** Called if messages cannot be decoded; they are left out. */
  onUnreadable?: (reason: unknown) => void;
  /** A shard takes messages until it spans so many global ids; see `search_shards.ts`. */
  shardSpan?: number;
  /** A shard of which so many messages have changed is replaced. It takes as long as removing so many. */
  replaceFrom?: number;
  /** How long a search works before it answers what it has found, in milliseconds. */
  searchBudget?: number;
}

/** Indexes the messages of `hubbub.db` and finds them. After an error it must be closed. */
export class SearchIndex {
  #db: DatabaseSync;
  #shardSpan: number;
  #shards: Shards;
  #searcher: Searcher;
  #writer: EntryWriter;
  #changes: ChangeIndexer;
  #savePosition: StatementSync;
  #position: Position;

  /**
   * @param main a connection to `hubbub.db`, owned by the caller
   * @throws {IndexDamage}
   */
  constructor(
    { search, epoch, start }: Pick<ReaderOptions, "search" | "epoch" | "start">,
    main: DatabaseSync,
    options: SearchIndexOptions = {},
  ) {
    const { onUnreadable = () => {}, replaceFrom = 500 } = options;
    const { db, position } = openSearchDatabase(search, epoch, start, main);
    this.#db = db;
    this.#shardSpan = options.shardSpan ?? 16_384;
    this.#position = position;
    try {
      this.#shards = new Shards(db);
      this.#searcher = new Searcher(this.#shards, main, options.searchBudget);
      this.#writer = new EntryWriter(this.#shards, main, onUnreadable);
      this.#changes = new ChangeIndexer(this.#shards, this.#writer, main, replaceFrom);
      this.#savePosition = inIndex(() => db.prepare("UPDATE state SET next = ?, change = ?"));
    } catch (error) {
      db.close();
      throw error;
    }
  }

  /** How far `hubbub.db` is indexed. */
  get position(): Position {
    return this.#position;
  }

  /**
   * Indexes a part of what is new in `hubbub.db`.
   *
   * @returns whether there may be more
   * @throws {IndexDamage}
   */
  update(): boolean {
    const deadline = performance.now() + STEP_MS;
    const isChanged = this.#changes.prepare(this.#position.change, this.#position.nextId);
    const segments = this.#writer.segmentsFrom(this.#position.nextId, MAX_SEGMENTS);
    if (!isChanged && segments.length === 0) return this.#vacuum();
    inIndex(() => this.#db.exec("BEGIN"));
    try {
      const nextId = this.#append(segments, deadline);
      const change = isChanged ? this.#changes.apply(nextId, deadline) : undefined;
      const position = { nextId, change: change ?? this.#position.change };
      inIndex(() => {
        this.#savePosition.run(position.nextId, position.change);
        this.#db.exec("COMMIT");
      });
      this.#position = position;
    } catch (error) {
      this.#rollBack();
      throw error;
    }
    return true;
  }

  /**
   * See `Store.search`. The index may be updated meanwhile, but must not be closed.
   *
   * @throws {IndexDamage}
   */
  search(query: Query): Task<SearchResult> {
    return this.#searcher.search(query);
  }

  /** Closes `search.db`. */
  close(): void {
    this.#db.close();
  }

  /** Gives some unused pages back to the disk; returns whether there are more. */
  #vacuum(): boolean {
    return inIndex(() => {
      const unused = Number(this.#db.prepare("PRAGMA freelist_count").get()?.["freelist_count"]);
      if (unused <= KEPT_PAGES) return false;
      this.#db.exec(`PRAGMA incremental_vacuum(${VACUUM_PAGES})`);
      return true;
    });
  }

  /** Indexes new messages: at least one segment, and as many as can be until the deadline. */
  #append(segments: Segment[], deadline: number): number {
    let { nextId } = this.#position;
    let shard = this.#shards.newest;
    for (let batch = segments; batch.length > 0;) {
      for (const segment of batch) {
        shard = this.#shardFor(segment, shard);
        this.#writer.add(shard, segment);
        nextId = segment.firstId + segment.count;
        if (performance.now() > deadline) break;
      }
      batch = performance.now() > deadline ? [] : this.#writer.segmentsFrom(nextId, MAX_SEGMENTS);
    }
    if (segments.length > 0 && shard !== undefined) this.#shards.save(shard);
    return nextId;
  }

  /** The shard that a new segment goes to. */
  #shardFor({ firstId }: Segment, newest: Shard | undefined): Shard {
    if (newest !== undefined && firstId - newest.first < this.#shardSpan) return newest;
    if (newest !== undefined) this.#shards.save(newest);
    const shard = this.#shards.create(firstId);
    this.#shards.save(shard);
    return shard;
  }

  #rollBack(): void {
    try {
      this.#db.exec("ROLLBACK");
    } catch {
      // SQLite has already rolled back, as it does when the disk is full.
    }
  }
}
