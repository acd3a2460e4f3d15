/**
 * The search index: a database of its own, `search.db`, that follows `hubbub.db`. It holds nothing
 * that could not be made anew, and is made anew whenever it does not fit.
 *
 * @module
 */
import type { DatabaseSync, SQLOutputValue, StatementSync } from "node:sqlite";
import type { Query, StoredMessage } from "../store.ts";
import { matches, parseQuery, type Term } from "../terms.ts";
import { connectReader } from "./connection.ts";
import { Finder } from "./finder.ts";
import type { History } from "./history.ts";
import { indexEntries, indexQuery } from "./index_terms.ts";
import type { ReaderOptions } from "./reader_messages.ts";
import { decodeRun, type Run } from "./segments.ts";
import type { Position } from "./position.ts";
import { openSearchDatabase } from "./search_database.ts";

/** Most runs that one step takes in; a step keeps everything else in its thread waiting. */
const MAX_STEP = 4;

/** Most changes to earlier messages that one step takes in. */
const MAX_CHANGES = 64;

/** How long a search goes on at a time, in milliseconds; searching for the first hit may take longer. */
const MAX_TURN = 5;

/** Newest first. */
const QUERY = "SELECT rowid AS number FROM entries WHERE entries MATCH ? ORDER BY rowid DESC";

/** Follows `hubbub.db` and finds messages. */
export class SearchIndex {
  #db: DatabaseSync;
  /** Sees the index as it was when a search began, whatever is taken in meanwhile. */
  #reader: DatabaseSync;
  #history: History;
  #finder: Finder;
  #changesAfter: StatementSync;
  #insert: StatementSync;
  #remove: StatementSync;
  #savePosition: StatementSync;
  #position: Position;
  /** Statements of searches under way: Deno 2.5 lets the collector end one that is only iterated. */
  #running = new Set<StatementSync>();

  /** @param main a connection to `hubbub.db`, which stays the caller's */
  constructor({ search, epoch, start }: ReaderOptions, main: DatabaseSync, history: History) {
    const { db, position } = openSearchDatabase(search, epoch, start, main);
    this.#db = db;
    this.#reader = connectReader(search);
    this.#position = position;
    this.#history = history;
    this.#finder = new Finder(main);
    this.#changesAfter = main.prepare(
      "SELECT change, number, count FROM changes WHERE change > ? ORDER BY change LIMIT ?",
    );
    this.#insert = db.prepare("INSERT INTO entries (rowid, text) VALUES (?, ?)");
    this.#remove = db.prepare("DELETE FROM entries WHERE rowid >= ? AND rowid < ?");
    this.#savePosition = db.prepare("UPDATE state SET next = ?, change = ?");
  }

  /** The last change to an earlier message that was taken in. */
  get change(): number {
    return this.#position.change;
  }

  /**
   * Takes in some of what is new in `hubbub.db`.
   *
   * @returns whether there may be more
   */
  follow(): boolean {
    // Changes are read before the runs: what changes in between is seen in the runs, or next time.
    const changes = this.#changesAfter.all(this.#position.change, MAX_CHANGES);
    const runs = this.#finder.runsFrom(this.#position.next, MAX_STEP);
    if (changes.length === 0 && runs.length === 0) return false;
    const position = { ...this.#position };
    this.#db.exec("BEGIN");
    try {
      for (const { change, number, count } of changes) {
        this.#renew(Number(number), Number(count));
        position.change = Number(change);
      }
      for (const run of runs) {
        this.#take(run, run.number, run.number + run.count);
        position.next = run.number + run.count;
      }
      this.#savePosition.run(position.next, position.change);
      this.#db.exec("COMMIT");
    } catch (error) {
      this.#rollBack();
      throw error;
    }
    this.#position = position;
    return true;
  }

  /**
   * See `Store.search`. Gives way to other work every few milliseconds; the index must not be closed
   * meanwhile.
   */
  async search({ words, rooms, limit }: Query): Promise<StoredMessage[]> {
    const terms = parseQuery(words);
    const numbers = rooms?.flatMap((room) => this.#history.roomNumber(room) ?? []);
    if (terms.length === 0 || numbers?.length === 0) return [];
    // A statement of its own, since searches overlap.
    const query = this.#reader.prepare(QUERY);
    this.#running.add(query);
    try {
      const numbered = query.iterate(indexQuery(terms, numbers));
      return await this.#collect(numbered, terms, limit);
    } finally {
      this.#running.delete(query);
    }
  }

  /** Closes `search.db`. */
  close(): void {
    this.#reader.close();
    this.#db.close();
  }

  /** The messages with the numbers given, so far as they still hold the terms. */
  async #collect(
    numbered: Iterable<{ [column: string]: SQLOutputValue }>,
    terms: readonly Term[],
    limit: number,
  ): Promise<StoredMessage[]> {
    const found: StoredMessage[] = [];
    let turn = performance.now();
    for (const { number } of numbered) {
      const message = this.#history.message(Number(number));
      if (message !== undefined && matches(message.content, terms)) found.push(message);
      if (found.length >= limit) break;
      if (performance.now() - turn > MAX_TURN) {
        await new Promise((resolve) => setTimeout(resolve));
        turn = performance.now();
      }
    }
    return found.sort((a, b) => b.time - a.time);
  }

  /** Brings the entries of messages that were taken in before up to date. */
  #renew(number: number, count: number): void {
    if (number >= this.#position.next) return;
    this.#remove.run(number, number + count);
    const run = this.#finder.runOfNumber(number);
    if (run !== undefined) this.#take(run, number, number + count);
  }

  /** Takes in the messages of a run with numbers from `start` to before `end`. */
  #take(run: Run, start: number, end: number): void {
    for (const [index, { content }] of decodeRun("", run).entries()) {
      const number = run.number + index;
      if (content === "" || number < start || number >= end) continue;
      this.#insert.run(number, indexEntries(run.room, content));
    }
  }

  #rollBack(): void {
    try {
      this.#db.exec("ROLLBACK");
    } catch {
      // SQLite has rolled back by itself, as it does when the disk is full.
    }
  }
}
