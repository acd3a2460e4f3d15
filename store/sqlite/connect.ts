/**
 * Opens `hubbub.db` for writing.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import type { Sync } from "../../config/config.ts";
import { connectWriter } from "../../sqlite/connect.ts";

/**
 * 128 MiB, in SQLite's pages of 4096 bytes. If checkpoints lag so far behind, a commit makes one: the thread
 * that makes them (`checkpoint.ts`) does not work, or another program reads the database for very long.
 */
const MAX_LOG_PAGES = 32_768;

/** The log keeps at most this size when it starts over, in bytes. */
const KEPT_LOG_BYTES = 4 * 1024 * 1024;

/** Page cache of the writer, in KiB: writes to the index of ids are scattered. */
const CACHE_KIB = 16_384;

/** The value of `PRAGMA auto_vacuum` that lets a database shrink in small steps. */
const INCREMENTAL = 2;

/**
 * Opens `hubbub.db` for writing. With `full` the store syncs the log itself (`sqlite/log_sync.ts`), and with
 * every setting another thread makes the checkpoints.
 */
export function connectLogWriter(path: string, sync: Sync): DatabaseSync {
  const db = connectWriter(path, sync === "full" ? "normal" : sync);
  db.exec(
    `PRAGMA wal_autocheckpoint = ${MAX_LOG_PAGES}; PRAGMA journal_size_limit = ${KEPT_LOG_BYTES};
     PRAGMA cache_size = -${CACHE_KIB}`,
  );
  return db;
}

/**
 * Has a database keep account of which page belongs where, without which it never shrinks. It is written anew for
 * that, once (<https://sqlite.org/pragma.html#pragma_auto_vacuum>): two seconds for a million messages.
 *
 * @throws if there is no room for it on the disk; the database is as it was
 */
export function enableIncrementalVacuum(db: DatabaseSync): void {
  if (db.prepare("PRAGMA auto_vacuum").get()?.["auto_vacuum"] === INCREMENTAL) return;
  db.exec("PRAGMA auto_vacuum = INCREMENTAL; VACUUM");
  // All of it has gone through the log.
  db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
}
