/**
 * Writes to `hubbub.db`; the only connection that does. Every method is one transaction, synchronous,
 * and either done or undone when it returns or throws.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Change, Outcome, Retention } from "../store.ts";
import { Batch, type BatchOptions, BatchStatements, ResendError } from "./batch.ts";
import { Counters } from "./counters.ts";
import { Finder } from "./finder.ts";
import { reason } from "./open_error.ts";
import type { Position } from "./position.ts";
import { type Progress, Retainer } from "./retention.ts";

/** The writing side of the store. */
export class Writer {
  /** See `Store.epoch`. */
  readonly epoch: string;
  #db: DatabaseSync;
  #finder: Finder;
  #statements: BatchStatements;
  #retainer: Retainer;
  #forgetChanges: StatementSync;
  #findNumbered: StatementSync;
  #findLastChange: StatementSync;
  /** Absent when the database knows better: at first, and after a failure. */
  #counters: Counters | undefined;
  /** About how many rows were written since {@linkcode takeWritten}. */
  #written = 0;
  /** Changes up to this one have reached the search index and wait to be removed. */
  #indexed = 0;

  /** @param db of the newest format; the writer owns it */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.epoch = readEpoch(db);
    this.#finder = new Finder(db);
    this.#statements = new BatchStatements(db);
    this.#retainer = new Retainer(db, this.#finder);
    this.#forgetChanges = db.prepare("DELETE FROM changes WHERE change <= ?");
    this.#findNumbered = db.prepare("SELECT value FROM meta WHERE key = 'numbered'");
    this.#findLastChange = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'changes'");
  }

  /** Keeps a batch; see `Store.commit`. */
  commit(changes: readonly Change[]): Outcome[] {
    try {
      return this.#apply(changes, { expectResends: false });
    } catch (error) {
      if (!(error instanceof ResendError)) throw error;
      return this.#apply(changes, { expectResends: true });
    }
  }

  /** Removes the next few messages that need not be kept; see `Store.retain`. */
  retain(policy: Retention, now: number, progress: Progress): void {
    const before = { ...progress };
    try {
      this.#transaction(() => {
        this.#written += this.#retainer.step(policy, now, progress);
      });
    } catch (error) {
      Object.assign(progress, before);
      throw error;
    }
  }

  /** About how many rows were written since this was last called. */
  takeWritten(): number {
    const written = this.#written;
    this.#written = 0;
    return written;
  }

  /** The next transaction removes the changes up to this one: the search index has taken them in. */
  forgetChanges(upTo: number): void {
    this.#indexed = upTo;
  }

  /** Where messages and changes have come to, for `Position` of the search index. */
  position(): Position {
    const { next } = this.#counters ??= this.#readCounters();
    return { next, change: Number(this.#findLastChange.get()?.["seq"] ?? 0) };
  }

  /** Closes the database. */
  close(): void {
    this.#db.close();
  }

  #apply(changes: readonly Change[], options: BatchOptions): Outcome[] {
    return this.#transaction(() => {
      const counters = this.#counters ??= this.#readCounters();
      counters.trim();
      const batch = new Batch(this.#finder, this.#statements, counters, options);
      const outcomes = changes.map((change) => batch.apply(change));
      this.#written += batch.write();
      return outcomes;
    });
  }

  #transaction<T>(act: () => T): T {
    this.#db.exec("BEGIN IMMEDIATE");
    try {
      const result = act();
      if (this.#indexed > 0) this.#forgetChanges.run(this.#indexed);
      this.#db.exec("COMMIT");
      this.#indexed = 0;
      return result;
    } catch (error) {
      this.#counters = undefined;
      this.#rollBack();
      if (error instanceof ResendError) throw error;
      throw new Error(`Cannot write to the database: ${reason(error)}`, { cause: error });
    }
  }

  /** SQLite rolls back by itself when the disk is full or fails, and then refuses to do it again. */
  #rollBack(): void {
    try {
      this.#db.exec("ROLLBACK");
    } catch {
      // Nothing is left to roll back.
    }
  }

  #readCounters(): Counters {
    const last = this.#finder.lastRun();
    const numbered = Number(this.#findNumbered.get()?.["value"]);
    const next = Math.max(last === undefined ? 0 : last.number + last.count, numbered + 1);
    return new Counters(next);
  }
}

/** The epoch of the data, made now if there is none. */
function readEpoch(db: DatabaseSync): string {
  db.prepare("INSERT OR IGNORE INTO meta VALUES ('epoch', ?)").run(crypto.randomUUID());
  return String(db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get()?.["value"]);
}
