/**
 * Opens SQLite databases with the settings that every file of the data directory needs.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import type { Sync } from "../config/config.ts";

/**
 * How long a statement waits for another connection's lock, in milliseconds. In WAL mode readers and
 * a writer do not block each other; writers wait for each other, and recovery and checkpoints take locks,
 * briefly.
 */
const BUSY_TIMEOUT_MS = 5000;

/**
 * Size to which a write-ahead log is cut when it starts over, in bytes: one large transaction, or a reader
 * that took long, has made it longer.
 */
const LOG_BYTES = 16 * 1024 * 1024;

/** Opens a database for writing; creates it, private and able to shrink, if it does not exist. */
export function connectWriter(path: string, sync: Sync): DatabaseSync {
  createPrivately(path);
  return connect(
    path,
    false,
    // SQLite has to be told before anything else is written, and would write to an existing database.
    `${
      Deno.statSync(path).size === 0 ? "PRAGMA auto_vacuum = INCREMENTAL; " : ""
    }PRAGMA journal_mode = WAL; ` +
      `PRAGMA synchronous = ${sync}; PRAGMA secure_delete = ON; ` +
      `PRAGMA journal_size_limit = ${LOG_BYTES}`,
  );
}

/**
 * Creates an empty file, unless there is one, that only this user may read and write. SQLite takes it for a new
 * database, and gives the files beside it the same rights.
 */
export function createPrivately(path: string): void {
  try {
    Deno.openSync(path, { createNew: true, write: true, mode: 0o600 }).close();
  } catch (error) {
    if (!(error instanceof Deno.errors.AlreadyExists)) throw error;
  }
}

/** Opens an existing database that another connection writes to. */
export function connectReader(path: string): DatabaseSync {
  return connect(path, true);
}

function connect(path: string, readOnly: boolean, settings = ""): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly });
  try {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; ${settings}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
