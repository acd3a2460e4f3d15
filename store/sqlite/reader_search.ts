/**
 * The reader that searches: maintains the search index, searches, lists rooms, and makes checkpoints. All of it
 * is done in steps of a few milliseconds, between which the others have their turns.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { connectReader } from "../../sqlite/connect.ts";
import { reasonOf } from "../../sqlite/data_error.ts";
import type { Found, Query } from "../store.ts";
import { Checkpointer } from "./checkpoint.ts";
import { Finder } from "./finder.ts";
import { History } from "./history.ts";
import { Lag } from "./lag.ts";
import type { Position } from "./position.ts";
import type { Answer, FromReader, ReaderOptions, SearchQuestion } from "./reader_messages.ts";
import { RoomList } from "./room_list.ts";
import { IndexDamage, lastChange, removeSearchDatabase } from "./search_database.ts";
import { SearchIndex, type SearchIndexOptions } from "./search_index.ts";
import { pause, type Task, Turns } from "./turns.ts";

/**
 * Share of its time that this thread spends on indexing while messages are being written, so that a
 * flood of messages is committed and sent first and indexed later. With one processor, indexing takes
 * its time from the event loop. A message takes about 20 µs.
 */
const BUSY_SHARE = navigator.hardwareConcurrency > 1 ? 0.4 : 0.1;

/** The same while the index lags behind by more than {@linkcode MAX_RESTING_LAG_MS}. */
const LAGGING_SHARE = navigator.hardwareConcurrency > 1 ? 0.5 : 0.3;

/** How long {@linkcode BUSY_SHARE} applies after a write, in milliseconds. */
const BUSY_MS = 1000;

/**
 * While messages are being written, it is looked for new ones so often, in milliseconds; the store tells only
 * four times a second that there are some.
 */
const POLL_MS = 50;

/** If the index lags behind by more than this, it rests less, in milliseconds. */
const MAX_RESTING_LAG_MS = 300;

/**
 * The index lacks something that was committed a second ago if something has been waiting for longer than this,
 * in milliseconds: the thread learns a quarter of a second later what was committed.
 */
const MAX_LAG_MS = 700;

/** The store is told what is indexed after so many changes, at the latest. */
const REPORT_CHANGES = 1000;

/** How often a search that met a damaged index begins again. */
const MAX_ATTEMPTS = 3;

/** Searches of nobody have their turns together, and so do lists of rooms. No id of a user is like these. */
const NOBODY = "";
const LISTS = "#rooms";

/** Answers questions and indexes what is written. */
export class SearchReader {
  #options: ReaderOptions;
  #post: (message: FromReader) => void;
  #main: DatabaseSync;
  #finder: Finder;
  #history: History;
  #list: RoomList;
  #turns = new Turns();
  #indexOptions: SearchIndexOptions;
  #index: SearchIndex | undefined;
  #lag = new Lag();
  #checkpointer: Checkpointer;
  #busyUntil = 0;
  #indexing: Promise<void> | undefined;
  #poll: ReturnType<typeof setTimeout> | undefined;
  /** The last change of which the store was told that it is indexed. */
  #reported = -1;
  /** Whether the last attempt to index failed, and the store was notified. */
  #stuck = false;
  /** The same of the last attempt to make a checkpoint. */
  #fullLog = false;
  #closed = false;

  /** @param post called with messages other than answers */
  constructor(
    options: ReaderOptions,
    post: (message: FromReader) => void,
    indexOptions: SearchIndexOptions = {},
  ) {
    this.#options = options;
    this.#post = post;
    this.#main = connectReader(options.main);
    this.#finder = new Finder(this.#main);
    this.#history = new History(this.#main);
    this.#list = new RoomList(this.#main);
    this.#checkpointer = new Checkpointer(options.main);
    this.#indexOptions = { onUnreadable: (reason) => this.#reportStuck(reason), ...indexOptions };
    // What is there already was committed long ago.
    this.#lag.restart(this.#end());
  }

  /** Answers a question. */
  answer(question: SearchQuestion): Answer | Promise<Answer> {
    switch (question.kind) {
      case "search":
        return this.#search(question.ask);
      case "rooms":
        return this.#turns.run(LISTS, this.#list.page(question.ask));
      case "authored":
        return this.#history.authored(question.ask.user, question.ask.after);
      case "figures":
        return { rooms: this.#list.count(), unindexed: this.#unindexed() };
    }
  }

  /**
   * Indexes what was written, and makes a checkpoint when it is due.
   *
   * @param pages about how many were written since the last call
   * @returns when all of them are indexed, or indexing has failed
   */
  async written(pages: number): Promise<void> {
    this.#emptyLog(pages);
    try {
      this.#note(pages);
      await (this.#indexing ??= this.#updateIndex().finally(() => this.#indexing = undefined));
      this.#stuck = false;
    } catch (error) {
      this.#reportStuck(error);
    }
    this.#pollWhileBusy();
  }

  /** Closes the databases after pending answers. */
  async close(): Promise<void> {
    this.#closed = true;
    clearTimeout(this.#poll);
    await Promise.allSettled([this.#turns.settled(), this.#indexing]);
    this.#index?.close();
    this.#checkpointer.close();
    this.#main.close();
  }

  /** Makes a checkpoint when it is due. */
  #emptyLog(pages: number): void {
    try {
      this.#checkpointer.written(pages);
      this.#fullLog = false;
    } catch (error) {
      if (!this.#fullLog) this.#post({ kind: "stuck", message: reasonOf(error) });
      this.#fullLog = true;
    }
  }

  /** Notes that there is something to index. */
  #note(pages: number): void {
    if (pages === 0) return;
    const now = performance.now();
    this.#busyUntil = now + BUSY_MS;
    this.#lag.mark(this.#end(), now);
  }

  /** Looks soon whether there is more to index. */
  #pollWhileBusy(): void {
    if (this.#closed || performance.now() > this.#busyUntil) return;
    clearTimeout(this.#poll);
    this.#poll = setTimeout(() => this.written(0), POLL_MS);
  }

  /** Indexes what is new, in steps, between which questions are answered. */
  async #updateIndex(): Promise<void> {
    for (let attempts = 0; !this.#closed;) {
      const start = performance.now();
      try {
        if (!this.#step()) break;
      } catch (error) {
        this.#discardIndex(error);
        // A damaged index is rebuilt at once.
        if (!(error instanceof IndexDamage) || ++attempts >= MAX_ATTEMPTS) throw error;
      }
      await this.#rest(performance.now() - start);
    }
    this.#report(0);
  }

  /** Indexes for a few milliseconds; returns whether there may be more to index. */
  #step(): boolean {
    const index = this.#openIndex();
    const isMore = index.update();
    this.#lag.reached(index.position);
    this.#report(REPORT_CHANGES);
    return isMore;
  }

  /** Rests after a step that took `duration`, in milliseconds. */
  async #rest(duration: number): Promise<void> {
    const now = performance.now();
    if (now >= this.#busyUntil) return await pause();
    const share = this.#lag.at(now) < MAX_RESTING_LAG_MS ? BUSY_SHARE : LAGGING_SHARE;
    await new Promise((resolve) => setTimeout(resolve, duration * (1 / share - 1)));
  }

  async #search(query: Query): Promise<Found> {
    for (let attempts = 1;; attempts++) {
      const index = this.#openIndex();
      try {
        return await this.#turns.run(query.user ?? NOBODY, this.#find(index, query));
      } catch (error) {
        if (!(error instanceof IndexDamage) || attempts >= MAX_ATTEMPTS) throw error;
        if (index === this.#index) this.#rebuild(error);
      }
    }
  }

  /** What is indexed while a search works may be in a part of the index that it has left behind. */
  *#find(index: SearchIndex, query: Query): Task<Found> {
    const indexed = this.#isIndexed();
    return { ...yield* index.search(query), indexed };
  }

  #isIndexed(): boolean {
    return !this.#stuck && this.#lag.at(performance.now()) < MAX_LAG_MS;
  }

  /** Number of messages that are not in the index. */
  #unindexed(): number {
    return Math.max(0, this.#end().nextId - (this.#index?.position.nextId ?? 1));
  }

  /** Opened when first needed. */
  #openIndex(): SearchIndex {
    if (this.#index !== undefined) return this.#index;
    try {
      this.#index = new SearchIndex(this.#options, this.#main, this.#indexOptions);
    } catch (error) {
      if (!(error instanceof IndexDamage)) throw error;
      removeSearchDatabase(this.#options.search);
      this.#index = new SearchIndex(this.#options, this.#main, this.#indexOptions);
    }
    this.#reported = this.#index.position.change;
    return this.#index;
  }

  /** Starts an index over that a search has found damaged. */
  #rebuild(damage: IndexDamage): void {
    this.#discardIndex(damage);
    this.#reportStuck(damage);
    if (!this.#closed) this.written(0);
  }

  /** Closes the index after an error, and removes it if it is damaged. It is opened again when it is needed. */
  #discardIndex(error: unknown): void {
    this.#index?.close();
    this.#index = undefined;
    if (!(error instanceof IndexDamage)) return;
    removeSearchDatabase(this.#options.search);
    this.#lag.restart(this.#end());
  }

  /** The position of `hubbub.db`. */
  #end(): Position {
    const last = this.#finder.lastSegment();
    const nextId = last === undefined ? 1 : last.firstId + last.count;
    return { nextId, change: lastChange(this.#main) };
  }

  /** Tells the store what is indexed, if that is more than `changes` further than it knows. */
  #report(changes: number): void {
    const change = this.#index?.position.change ?? this.#reported;
    if (change - this.#reported <= changes) return;
    this.#reported = change;
    this.#post({ kind: "indexed", change });
  }

  #reportStuck(reason: unknown): void {
    if (!this.#stuck) this.#post({ kind: "stuck", message: reasonOf(reason) });
    this.#stuck = true;
  }
}
