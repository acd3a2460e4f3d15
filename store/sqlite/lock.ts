/**
 * Keeps a second server off a data directory.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { StoreOpenError } from "./open_error.ts";

/** A directory that nobody else can lock until it is closed or the process ends, however that is. */
export interface Lock {
  close(): void;
}

/**
 * Locks a directory. The lock is SQLite's own on an empty database, because that works on every
 * system and is freed by the system when the process is killed.
 *
 * @param path of the lock file, which is made and stays
 * @throws {StoreOpenError} at once, if another server has it
 */
export function lock(path: string, dir: string): Lock {
  const db = new DatabaseSync(path);
  try {
    db.exec("PRAGMA busy_timeout = 0; BEGIN EXCLUSIVE");
    return db;
  } catch (error) {
    db.close();
    if (!(error instanceof Error && /locked/.test(error.message))) throw error;
    throw new StoreOpenError(
      `Cannot use the data directory "${dir}": another server is using it; stop it, or choose ` +
        `another directory`,
    );
  }
}
