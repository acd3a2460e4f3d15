/**
 * Opens `hubbub.db` for writing.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import type { Sync } from "../../config/config.ts";
import { connectWriter } from "../../sqlite/connect.ts";

/** 128 MiB, in SQLite's pages of 4096 bytes. */
const MAX_LOG_PAGES = 32_768;

/** Page cache of the writer, in KiB: writes to the index of ids are scattered. */
const CACHE_KIB = 16_384;

/**
 * Opens `hubbub.db` for writing. With `full` the store syncs the log itself (`sqlite/log_sync.ts`), and with
 * every setting the reader's thread makes the checkpoints. If those lag so far behind that the log has
 * {@linkcode MAX_LOG_PAGES}, a commit makes one.
 */
export function connectLogWriter(path: string, sync: Sync): DatabaseSync {
  const db = connectWriter(path, sync === "full" ? "normal" : sync);
  db.exec(`PRAGMA wal_autocheckpoint = ${MAX_LOG_PAGES}; PRAGMA cache_size = -${CACHE_KIB}`);
  return db;
}
