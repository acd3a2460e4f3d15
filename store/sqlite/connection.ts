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

/** Opens a database for the one connection that writes to it; makes it if it is not there. */
export function connectWriter(path: string, sync: Sync): DatabaseSync {
  const db = connect(path, false);
  db.exec(`PRAGMA journal_mode = WAL; PRAGMA synchronous = ${sync}; PRAGMA secure_delete = ON`);
  return db;
}

/** Opens a database that is there already and that somebody else writes to. */
export function connectReader(path: string): DatabaseSync {
  return connect(path, true);
}

function connect(path: string, readOnly: boolean): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly });
  db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT}`);
  return db;
}
