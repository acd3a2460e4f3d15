/**
 * Prevents a second server from using a data directory.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { DataError } from "../../sqlite/data_error.ts";

/** A lock on a directory, released by `close` and by any end of the process. */
export interface Lock {
  close(): void;
}

/**
 * Locks a directory. The lock is SQLite's exclusive lock on an empty database: it works on every
 * operating system, which releases it when the process is killed.
 *
 * @param path of the lock file, which is created and remains
 * @throws {DataError} immediately, if another server holds the lock
 */
export function lock(path: string, dir: string): Lock {
  const db = new DatabaseSync(path);
  try {
    db.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
    return db;
  } catch (error) {
    db.close();
    if (!(error instanceof Error && /locked/.test(error.message))) throw error;
    throw new DataError(
      `Cannot use the data directory "${dir}": another server is using it; stop it, or choose ` +
        `another directory`,
    );
  }
}
