/**
 * Transactions that the changes of one tick of the event loop share.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { DatabaseSync } from "node:sqlite";
import { reasonOf } from "../../sqlite/data_error.ts";
import type { LogSync } from "../../sqlite/log_sync.ts";

/** A transaction that is open, or whose commit is not on the disk yet. */
type Batch = PromiseWithResolvers<void>;

/**
 * Carries changes out at once, on the caller's thread, and commits them in groups.
 *
 * - The first change of a tick begins a transaction, and the tick's end commits it: no lock is held
 *   while the loop waits for anything.
 * - A change that throws is undone alone. If the transaction fails, all its changes reject.
 * - After a failed sync of the log it is unknown what is on the disk: everything rejects from then on.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  readonly #log: LogSync | undefined;
  #open: Batch | undefined;
  #unsettled = new Set<Promise<void>>();
  #closed = false;

  /**
   * @param db owned from now on
   * @param log its write-ahead log, owned from now on; absent if commits do not wait for the disk
   */
  constructor(db: DatabaseSync, log: LogSync | undefined) {
    this.#db = db;
    this.#log = log;
  }

  /** Reads. Sees all changes so far, those that are not committed yet too. */
  // deno-lint-ignore require-await -- what is thrown becomes a rejection
  async read<T>(act: () => T): Promise<T> {
    this.#assertWorks();
    return act();
  }

  /** Makes a change at once. Resolves when it is committed, and on the disk if the log is synced. */
  async write<T>(act: () => T): Promise<T> {
    this.#assertWorks();
    const batch = this.#open ??= this.#begin();
    const result = this.#attempt(batch, act);
    await batch.promise;
    return result;
  }

  /** Commits what is not committed yet. */
  commit(): void {
    const batch = this.#open;
    if (batch === undefined) return;
    this.#open = undefined;
    try {
      this.#db.exec("COMMIT");
    } catch (cause) {
      this.#rollBack();
      batch.reject(failure(cause));
      return;
    }
    batch.resolve(this.#log?.sync());
  }

  /** Commits, waits for the disk, and closes the database. */
  async close(): Promise<void> {
    this.#closed = true;
    this.commit();
    await Promise.allSettled(this.#unsettled);
    await this.#log?.close();
    this.#db.close();
  }

  #begin(): Batch {
    try {
      this.#db.exec("BEGIN IMMEDIATE");
    } catch (cause) {
      throw failure(cause);
    }
    const batch: Batch = Promise.withResolvers();
    const settled = batch.promise.catch(() => {}).then(() => void this.#unsettled.delete(settled));
    this.#unsettled.add(settled);
    setImmediate(() => {
      if (this.#open === batch) this.commit();
    });
    return batch;
  }

  #attempt<T>(batch: Batch, act: () => T): T {
    this.#db.exec("SAVEPOINT change");
    try {
      const result = act();
      this.#db.exec("RELEASE change");
      return result;
    } catch (cause) {
      const error = failure(cause);
      this.#undo(batch, error);
      throw error;
    }
  }

  /** Undoes one change. Some errors, such as a full disk, have undone the whole transaction already. */
  #undo(batch: Batch, error: Error): void {
    try {
      this.#db.exec("ROLLBACK TO change; RELEASE change");
    } catch {
      this.#open = undefined;
      this.#rollBack();
      batch.reject(error);
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

  #assertWorks(): void {
    if (this.#closed) throw new Error("Cannot use the people store: it is closed");
    this.#log?.assertWorks();
  }
}

function failure(cause: unknown): Error {
  return new Error(`Cannot write to the database of people: ${reasonOf(cause)}`, { cause });
}
