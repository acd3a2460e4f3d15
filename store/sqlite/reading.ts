/**
 * What the reader's thread does: reads history, keeps the search index up to date, searches, and
 * makes checkpoints, so that the server's loop waits for none of it.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import type { StoredMessage } from "../store.ts";
import { checkpoint, connectReader } from "./connection.ts";
import { History } from "./history.ts";
import { reason } from "./open_error.ts";
import type { FromReader, Question, Questions, ReaderOptions } from "./reader_messages.ts";
import { isBroken, removeSearchDatabase } from "./search_database.ts";
import { SearchIndex } from "./search_index.ts";

/**
 * How many rows are written before what is in the write-ahead log is copied into `hubbub.db`. A row
 * takes two to four pages of the log, so that it stays at a few dozen megabytes.
 */
const CHECKPOINT_ROWS = 4000;

/**
 * How much of its time following may take while something is being written, so that a flood of
 * messages is kept and sent first and indexed later. With one processor, what this thread takes the
 * loop lacks. A message takes about 8 µs: a tenth of a processor follows 12,000 messages a second.
 */
const BUSY_SHARE = navigator.hardwareConcurrency > 1 ? 0.5 : 0.1;

/** How long after a write that holds, in milliseconds; afterwards following takes all the time there is. */
const BUSY_TIME = 1000;

/** What is answered at once, or after a while. */
type Answer = Questions[keyof Questions]["answer"];

/** Everything that the thread has open. */
export class Reading {
  #options: ReaderOptions;
  #tell: (message: FromReader) => void;
  #main: DatabaseSync;
  #history: History;
  #index: SearchIndex | undefined;
  #searches = new Set<Promise<unknown>>();
  /** Rows written since the last checkpoint. */
  #rows = 0;
  #busyUntil = 0;
  #following: Promise<void> | undefined;
  /** The last attempt to follow or to make a checkpoint failed, and the store was told. */
  #stuck = false;
  #closed = false;

  /** @param tell takes what was not asked for */
  constructor(options: ReaderOptions, tell: (message: FromReader) => void) {
    this.#options = options;
    this.#tell = tell;
    this.#main = connectReader(options.main);
    this.#history = new History(this.#main);
  }

  /** Answers a question; a search gives way to the questions after it. */
  answer(question: Question): Answer | Promise<Answer> {
    switch (question.kind) {
      case "open":
        return;
      case "read":
        return this.#history.read(question.ask.room, question.ask.range);
      case "rooms":
        return this.#history.rooms();
      case "search":
        return this.#search(question.ask);
      case "close":
        return this.#close();
    }
  }

  /**
   * Takes notice of rows that were written.
   *
   * @returns when the search index has followed
   */
  async written(rows: number): Promise<void> {
    this.#rows += rows;
    if (rows > 0) this.#busyUntil = performance.now() + BUSY_TIME;
    const following = this.#following ??= this.#follow();
    try {
      if (this.#rows >= CHECKPOINT_ROWS) this.#checkpoint();
      await following;
      this.#stuck = false;
    } catch (error) {
      this.#discardIfBroken(error);
      if (!this.#stuck) this.#tell({ kind: "stuck", message: reason(error) });
      this.#stuck = true;
    } finally {
      if (this.#following === following) this.#following = undefined;
    }
  }

  /** Takes in what is new, in steps, between which questions are answered. */
  async #follow(): Promise<void> {
    const before = this.#openIndex().change;
    while (!this.#closed) {
      const start = performance.now();
      if (!this.#openIndex().follow()) break;
      await rest(this.#pause(performance.now() - start));
    }
    const change = this.#index?.change ?? before;
    if (change !== before) this.#tell({ kind: "followed", change });
  }

  /** How long to rest after a step that took `duration`, in milliseconds. */
  #pause(duration: number): number {
    return performance.now() < this.#busyUntil ? duration * (1 / BUSY_SHARE - 1) : 0;
  }

  async #search(query: Questions["search"]["ask"]): Promise<StoredMessage[]> {
    const search = this.#openIndex().search(query);
    this.#searches.add(search);
    try {
      return await search;
    } catch (error) {
      this.#discardIfBroken(error);
      throw error;
    } finally {
      this.#searches.delete(search);
    }
  }

  /** The index is opened when it is first needed, so that history can be read without it. */
  #openIndex(): SearchIndex {
    return this.#index ??= new SearchIndex(this.#options, this.#main, this.#history);
  }

  /** A broken index is made anew when it is next needed. */
  #discardIfBroken(error: unknown): void {
    if (!isBroken(error) || this.#index === undefined) return;
    this.#index.close();
    this.#index = undefined;
    removeSearchDatabase(this.#options.search);
  }

  /** Here, because it waits for the disk. It keeps neither the writer nor any reader waiting. */
  #checkpoint(): void {
    checkpoint(this.#options.main);
    this.#rows = 0;
  }

  async #close(): Promise<void> {
    this.#closed = true;
    await Promise.allSettled([...this.#searches, this.#following]);
    this.#index?.close();
    this.#main.close();
  }
}

function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
