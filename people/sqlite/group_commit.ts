/**
 * Transactions that the changes of one tick of the event loop share.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { DatabaseSync, StatementSync } from "node:sqlite";
import {
  DamageError,
  isDamage,
  isLostWrite,
  LostWriteError,
  reasonOf,
} from "../../sqlite/data_error.ts";
import type { LogSync } from "../../sqlite/log_sync.ts";

/** A transaction that is open, or whose commit is not on the disk yet. */
type Batch = PromiseWithResolvers<void>;

/**
 * Carries changes out at once, on the caller's thread, and commits them in groups.
 *
 * - The first change of a tick begins a transaction, and the tick's end commits it: no lock is held
 *   while the loop waits for anything.
 * - A change that throws is undone alone. If the transaction fails, all its changes reject.
 * - After a failed sync of the log, or a commit that the disk has failed, it is unknown what was kept:
 *   everything rejects from then on, with a {@linkcode LostWriteError}.
 */
export class GroupCommit {
  readonly #db: DatabaseSync;
  /** Prepared, because its errors then tell why. */
  readonly #commit: StatementSync;
  readonly #log: LogSync | undefined;
  #open: Batch | undefined;
  #unsettled = new Set<Promise<void>>();
  readonly #failed = Promise.withResolvers<LostWriteError>();
  #failure: LostWriteError | undefined;
  #closed = false;

  /**
   * @param db owned from now on
   * @param log its write-ahead log, owned from now on; absent if commits do not wait for the disk
   */
  constructor(db: DatabaseSync, log: LogSync | undefined) {
    this.#db = db;
    this.#commit = db.prepare("COMMIT");
    this.#log = log;
    log?.failed.then((failure) => this.#fail(failure));
  }

  /** Resolves when it is unknown what was kept. Never rejects. */
  get failed(): Promise<LostWriteError> {
    return this.#failed.promise;
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
      this.#commit.run();
    } catch (cause) {
      this.#rollBack();
      batch.reject(isLostWrite(cause) ? this.#fail(lostWrite(cause)) : failure(cause));
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
    if (this.#failure !== undefined) throw this.#failure;
    this.#log?.assertWorks();
  }

  /** Ends all use for good. Returns why: the first failure. */
  #fail(failure: LostWriteError): LostWriteError {
    this.#failure ??= failure;
    this.#failed.resolve(this.#failure);
    return this.#failure;
  }
}

function lostWrite(cause: unknown): LostWriteError {
  return new LostWriteError(
    `The database of people has failed (${
      reasonOf(cause)
    }): the last changes may or may not have been kept`,
    { cause },
  );
}

function failure(cause: unknown): Error {
  if (isDamage(cause)) {
    return new DamageError(
      `people.db is damaged (${
        reasonOf(cause)
      }): stop the server, and run hubbub check --repair or ` +
        "restore a backup",
      { cause },
    );
  }
  return new Error(`Cannot write to the database of people: ${reasonOf(cause)}`, { cause });
}
