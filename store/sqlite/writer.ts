/**
 * Writes to `hubbub.db`, over the only connection that does. Every method is one synchronous transaction:
 * committed when it returns, rolled back when it throws.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { reasonOf } from "../../sqlite/data_error.ts";
import type { Change, Outcome, Retention } from "../store.ts";
import { Counters } from "./counters.ts";
import { Finder } from "./finder.ts";
import type { Position } from "./position.ts";
import { type Progress, Retainer } from "./retention.ts";
import { ResendError, WriteBatch, type WriteOptions, WriteStatements } from "./write_batch.ts";

/** Commits batches and removes messages. */
export class Writer {
  /** See `Store.epoch`. */
  readonly epoch: string;
  #db: DatabaseSync;
  #finder: Finder;
  #statements: WriteStatements;
  #retainer: Retainer;
  #forgetChanges: StatementSync;
  #findLastId: StatementSync;
  #findLastChange: StatementSync;
  /** Absent when they have to be read from the database: initially, and after a failure. */
  #counters: Counters | undefined;
  /** Approximate number of rows written since {@linkcode takeWritten}. */
  #written = 0;
  /** Changes up to this one are indexed and can be removed; 0 if none can. */
  #indexed = 0;

  /** @param db of the newest format; owned from now on */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.epoch = readEpoch(db);
    this.#finder = new Finder(db);
    this.#statements = new WriteStatements(db);
    this.#retainer = new Retainer(db, this.#finder);
    this.#forgetChanges = db.prepare("DELETE FROM changes WHERE change <= ?");
    this.#findLastId = db.prepare("SELECT value FROM meta WHERE key = 'numbered'");
    this.#findLastChange = db.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'changes'");
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
      this.#transaction(() => {
        this.#written += this.#retainer.step(policy, now, progress);
      });
    } catch (error) {
      Object.assign(progress, before);
      throw error;
    }
  }

  /** Returns the approximate number of rows written since the last call. */
  takeWritten(): number {
    const written = this.#written;
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
    return this.#transaction(() => {
      const counters = this.#counters ??= this.#readCounters();
      counters.trim();
      const batch = new WriteBatch(this.#finder, this.#statements, counters, options);
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
      throw new Error(`Cannot write to the database: ${reasonOf(error)}`, { cause: error });
    }
  }

  /** SQLite rolls back by itself when the disk is full or fails, and then refuses a second rollback. */
  #rollBack(): void {
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

/** The epoch of the data; generated if there is none. */
function readEpoch(db: DatabaseSync): string {
  db.prepare("INSERT OR IGNORE INTO meta VALUES ('epoch', ?)").run(crypto.randomUUID());
  return String(db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get()?.["value"]);
}
