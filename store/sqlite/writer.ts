/**
 * Writes to `hubbub.db`, over the only connection that does. Every method is one synchronous transaction:
 * committed when it returns, rolled back when it throws.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  DamageError,
  isDamage,
  isLostWrite,
  LostWriteError,
  reasonOf,
} from "../../sqlite/data_error.ts";
import type { Change, Outcome, Retention } from "../store.ts";
import { Counters } from "./counters.ts";
import { BusyError, isBusy } from "./failures.ts";
import { Finder } from "./finder.ts";
import type { Position } from "./position.ts";
import { type Progress, Retainer } from "./retention.ts";
import { beginRun, type Start } from "./starts.ts";
import { ResendError, WriteBatch, type WriteOptions } from "./write_batch.ts";
import { WriteStatements } from "./write_statements.ts";

/** How a writer begins. */
export interface WriterOptions {
  /** Replace the epoch. Default: no. */
  renewEpoch?: boolean | undefined;
  /** The wall clock, in milliseconds since 1970. */
  wallClock?: () => number;
  /** A monotonic clock, in milliseconds. */
  clock?: () => number;
}

/**
 * Commits batches and removes messages. A method throws:
 *
 * - a {@linkcode BusyError} if another connection is writing: nothing has happened;
 * - a `LostWriteError` if nobody can tell whether its transaction was committed: the writer is of no further use;
 * - any other error if the transaction was rolled back.
 */
export class Writer {
  /** See `Store.epoch`. */
  readonly epoch: string;
  readonly start: Start;
  /** See `Store.lastNoted`. */
  readonly lastNoted: number | undefined;
  #db: DatabaseSync;
  #finder: Finder;
  #statements: WriteStatements;
  #retainer: Retainer;
  #forgetChanges: StatementSync;
  #findLastId: StatementSync;
  #findLastChange: StatementSync;
  #noteTime: StatementSync;
  #freePages: StatementSync;
  /** Prepared, because only then the runtime tells the code of an error. */
  #commitAll: StatementSync;
  /** Absent when they have to be read from the database: initially, and after a failure. */
  #counters: Counters | undefined;
  /** Approximate number of pages written since {@linkcode takeWritten}. */
  #written = 0;
  /** Changes up to this one are indexed and can be removed; 0 if none can. */
  #indexed = 0;

  /** @param db of the newest format; owned from now on */
  constructor(db: DatabaseSync, options: WriterOptions = {}) {
    const { renewEpoch, wallClock = Date.now, clock = () => performance.now() } = options;
    this.#db = db;
    db.exec("BEGIN IMMEDIATE");
    this.epoch = readEpoch(db, renewEpoch);
    this.start = beginRun(db, wallClock());
    db.exec("COMMIT");
    const noted = db.prepare("SELECT value FROM meta WHERE key = 'noted'").get();
    this.lastNoted = noted && Number(noted["value"]);
    this.#finder = new Finder(db);
    this.#statements = new WriteStatements(db, this.start.start);
    this.#retainer = new Retainer(db, this.#finder, this.#statements, clock);
    this.#forgetChanges = db.prepare("DELETE FROM changes WHERE change <= ?");
    this.#findLastId = db.prepare("SELECT value FROM meta WHERE key = 'numbered'");
    this.#findLastChange = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'changes'");
    this.#noteTime = db.prepare("INSERT OR REPLACE INTO meta VALUES ('noted', ?)");
    this.#freePages = db.prepare("PRAGMA freelist_count");
    this.#commitAll = db.prepare("COMMIT");
  }

  /** Commits a batch; see `Store.commit`. */
  commit(changes: readonly Change[]): Outcome[] {
    try {
      return this.#apply(changes, { expectResends: false });
    } catch (error) {
      if (!(error instanceof ResendError)) throw error;
      return this.#apply(changes, { expectResends: true });
    }
  }

  /** Removes the next few messages that exceed the policy; see `Store.retain`. */
  retain(policy: Retention, now: number, progress: Progress): void {
    const before = { ...progress };
    try {
      this.#transaction((counters) => {
        this.#written += this.#retainer.step(policy, now, progress, counters);
      });
    } catch (error) {
      Object.assign(progress, before);
      throw error;
    }
  }

  /**
   * Returns up to so many free pages to the disk. The file itself shrinks with the next checkpoint.
   *
   * @returns the number of pages that are still free
   */
  vacuum(pages: number): number {
    const free = Number(this.#freePages.get()?.["freelist_count"]);
    if (free === 0) return 0;
    // Each page is a step of the statement, of which `exec` takes one.
    this.#transaction(() => this.#db.prepare(`PRAGMA incremental_vacuum(${pages})`).all());
    this.#written += 2 * pages;
    const left = Number(this.#freePages.get()?.["freelist_count"]);
    // A database that could not be converted keeps its free pages.
    return left < free ? left : 0;
  }

  /** See `Store.noteTime`. */
  noteTime(now: number): void {
    this.#transaction(() => this.#noteTime.run(now));
    this.#written++;
  }

  /** Returns the approximate number of pages written since the last call. */
  takeWritten(): number {
    const written = Math.ceil(this.#written);
    this.#written = 0;
    return written;
  }

  /** Lets the next transaction remove the changes up to this one, which are indexed. */
  forgetChanges(upTo: number): void {
    this.#indexed = upTo;
  }

  /** The current position, for comparison with that of the search index. */
  position(): Position {
    const { nextId } = this.#counters ??= this.#readCounters();
    return { nextId, change: Number(this.#findLastChange.get()?.["seq"] ?? 0) };
  }

  /** Closes the database. */
  close(): void {
    this.#db.close();
  }

  #apply(changes: readonly Change[], options: WriteOptions): Outcome[] {
    return this.#transaction((counters) => {
      const batch = new WriteBatch(this.#finder, this.#statements, counters, options);
      const outcomes = changes.map((change) => batch.apply(change));
      this.#written += batch.write();
      return outcomes;
    });
  }

  #transaction<T>(act: (counters: Counters) => T): T {
    this.#begin();
    let result: T;
    try {
      const counters = this.#counters ??= this.#readCounters();
      counters.trim();
      result = act(counters);
      if (this.#indexed > 0) this.#forgetChanges.run(this.#indexed);
    } catch (error) {
      this.#rollBack();
      if (error instanceof ResendError || error instanceof DamageError) throw error;
      throw refusal(error);
    }
    this.#commit();
    this.#indexed = 0;
    return result;
  }

  #begin(): void {
    try {
      this.#db.exec("BEGIN IMMEDIATE");
    } catch (error) {
      throw isBusy(error) ? new BusyError("The database is being written to") : refusal(error);
    }
  }

  #commit(): void {
    try {
      this.#commitAll.run();
    } catch (error) {
      this.#rollBack();
      if (!isLostWrite(error)) throw refusal(error);
      throw new LostWriteError(`The disk failed: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** SQLite rolls back by itself when the disk is full or fails, and then refuses a second rollback. */
  #rollBack(): void {
    this.#counters = undefined;
    try {
      this.#db.exec("ROLLBACK");
    } catch {
      // Already rolled back.
    }
  }

  #readCounters(): Counters {
    const last = this.#finder.lastSegment();
    const lastId = Number(this.#findLastId.get()?.["value"]);
    const end = last === undefined ? 0 : last.firstId + last.count;
    return new Counters(Math.max(end, lastId + 1));
  }
}

/** What a caller is told of a transaction that was rolled back. */
function refusal(error: unknown): Error {
  const why = isDamage(error) ? `; stop the server and run "hubbub check"` : "";
  const text = `Cannot write to the database: ${reasonOf(error)}${why}`;
  return isDamage(error)
    ? new DamageError(text, { cause: error })
    : new Error(text, { cause: error });
}

/** The epoch of the data; generated if there is none, or if it is to be renewed. */
function readEpoch(db: DatabaseSync, renew = false): string {
  const insert = renew ? "INSERT OR REPLACE" : "INSERT OR IGNORE";
  db.prepare(`${insert} INTO meta VALUES ('epoch', ?)`).run(crypto.randomUUID());
  return String(db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get()?.["value"]);
}
