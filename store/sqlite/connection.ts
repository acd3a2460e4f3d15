/**
 * Connections to SQLite, set up the way every file of the data directory wants them.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";

/** What a commit survives: a power cut, a crash of the process, or only an orderly end. */
export type Sync = "full" | "normal" | "off";

/**
 * How long a statement waits for another connection's lock, in milliseconds. In WAL mode readers and
 * the one writer do not wait for each other; this is for the moments that recovery and checkpoints take.
 */
const BUSY_TIMEOUT = 5000;

/** 128 MiB, in SQLite's pages of 4096 bytes. */
const MAX_LOG_PAGES = 32_768;

/** The writer's page cache: the index of ids is read and written all over. */
const CACHE_KIB = 16_384;

/** Opens a database for the one connection that writes to it; makes it if it is not there. */
export function connectWriter(path: string, sync: Sync): DatabaseSync {
  return connect(
    path,
    false,
    `PRAGMA journal_mode = WAL; PRAGMA synchronous = ${sync}; PRAGMA secure_delete = ON`,
  );
}

/**
 * Opens `hubbub.db` for writing. With `full` the store syncs the log itself (`log_sync.ts`), and with
 * each setting it has checkpoints made elsewhere; should they ever lag so far behind that the log has
 * {@linkcode MAX_LOG_PAGES}, a commit makes one.
 */
export function connectLogWriter(path: string, sync: Sync): DatabaseSync {
  const db = connectWriter(path, sync === "full" ? "normal" : sync);
  db.exec(`PRAGMA wal_autocheckpoint = ${MAX_LOG_PAGES}; PRAGMA cache_size = -${CACHE_KIB}`);
  return db;
}

/** Opens a database that is there already and that somebody else writes to. */
export function connectReader(path: string): DatabaseSync {
  return connect(path, true);
}

/**
 * Copies what is in the write-ahead log into the database, so that the log can begin anew. Writers and
 * readers do not wait for it (<https://sqlite.org/c3ref/wal_checkpoint_v2.html>, `PASSIVE`).
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
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}; ${settings}`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}
