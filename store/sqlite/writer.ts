/**
 * Writes to `hubbub.db`; the only connection that does. Every method is one transaction, synchronous,
 * and either done or undone when it returns or throws.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { Change, Outcome, Retention } from "../store.ts";
import { Batch, BatchStatements, type Counters } from "./batch.ts";
import { Finder } from "./finder.ts";
import { type Progress, Retainer } from "./retention.ts";

/** Most rooms whose counters are kept from one batch to the next. */
const MAX_REMEMBERED_ROOMS = 10_000;

/** The writing side of the store. */
export class Writer {
  #db: DatabaseSync;
  #finder: Finder;
  #statements: BatchStatements;
  #retainer: Retainer;
  #forgetChanges: StatementSync;
  #findNumbered: StatementSync;
  /** Absent when the database knows better: at first, and after a failure. */
  #counters: Counters | undefined;
  /** Changes up to this one have reached the search index and wait to be removed. */
  #indexed = 0;

  /** @param db of the newest format; the writer owns it */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#finder = new Finder(db);
    this.#statements = new BatchStatements(db);
    this.#retainer = new Retainer(db, this.#finder);
    this.#forgetChanges = db.prepare("DELETE FROM changes WHERE change <= ?");
    this.#findNumbered = db.prepare("SELECT value FROM meta WHERE key = 'numbered'");
  }

  /** Keeps a batch; see `Store.commit`. */
  commit(changes: readonly Change[]): Outcome[] {
    return this.#transaction(() => {
      const counters = this.#counters ??= this.#readCounters();
      if (counters.rooms.size > MAX_REMEMBERED_ROOMS) counters.rooms.clear();
      const batch = new Batch(this.#finder, this.#statements, counters);
      const outcomes = changes.map((change) => batch.apply(change));
      batch.write();
      return outcomes;
    });
  }

  /** Removes the next few messages that need not be kept; see `Store.retain`. */
  retain(policy: Retention, now: number, progress: Progress): void {
    const before = { ...progress };
    try {
      this.#transaction(() => this.#retainer.step(policy, now, progress));
    } catch (error) {
      Object.assign(progress, before);
      throw error;
    }
  }

  /** The next transaction removes the changes up to this one: the search index has taken them in. */
  forgetChanges(upTo: number): void {
    this.#indexed = upTo;
  }

  /** Closes the database. */
  close(): void {
    this.#db.close();
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
      throw error;
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
    return { rooms: new Map(), next };
  }
}
