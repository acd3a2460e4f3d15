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

/** Opens a database for writing; creates it if it does not exist. */
export function connectWriter(path: string, sync: Sync): DatabaseSync {
  return connect(
    path,
    false,
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${sync}; PRAGMA secure_delete = ON; ` +
      `PRAGMA journal_size_limit = ${LOG_BYTES}`,
  );
}

/** Opens an existing database that another connection writes to. */
export function connectReader(path: string): DatabaseSync {
  return connect(path, true);
}

/**
 * Copies the write-ahead log into the database, so that the log can start over. Neither writers nor
 * readers wait for it (<https://sqlite.org/c3ref/wal_checkpoint_v2.html>, `PASSIVE`).
 */
export function checkpoint(path: string): void {
  const db = connect(path, false);
  try {
    db.exec("PRAGMA wal_checkpoint(PASSIVE)");
  } finally {
    db.close();
  }
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
