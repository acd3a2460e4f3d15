/**
 * Opens `people.db`, which several processes may have open at the same time.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import type { Sync } from "../../config/config.ts";
import { connectWriter } from "../../sqlite/connect.ts";
import { DataError, isDamage, reasonOf } from "../../sqlite/data_error.ts";
import { migrate } from "../../sqlite/migrate.ts";
import { APPLICATION_ID, MIGRATIONS } from "./schema.ts";
import { refreshSkeletons } from "./skeletons.ts";

/**
 * Maximum size of the write-ahead log, in SQLite's pages of 4096 bytes: 4 MiB. The commit that exceeds it
 * makes a checkpoint, after which the log starts over. That stops the event loop for the time of two
 * syncs, once in hundreds of commits.
 */
const MAX_LOG_PAGES = 1024;

/** How long an attempt to open is repeated while another process is opening or closing, in milliseconds. */
const RETRY_MS = 5000;

/** Pause between two attempts, in milliseconds. */
const PAUSE_MS = 10;

/**
 * Opens the database for writing; creates it if it does not exist, readable for this user only.
 *
 * @param sync `full`: the caller syncs the log itself after each commit
 * @throws {DataError} if it was written by a newer version or another program, or is damaged
 */
export async function openDatabase(path: string, sync: Sync): Promise<DatabaseSync> {
  const end = performance.now() + RETRY_MS;
  for (;;) {
    try {
      return connect(path, sync);
    } catch (error) {
      if (error instanceof DataError) throw error;
      if (isDamage(error)) throw damaged(path, error);
      if (!/locked|busy/.test(reasonOf(error)) || performance.now() > end) throw error;
    }
    await new Promise((resolve) => setTimeout(resolve, PAUSE_MS));
  }
}

function connect(path: string, sync: Sync): DatabaseSync {
  const db = connectWriter(path, sync === "full" ? "normal" : sync);
  try {
    db.exec(`
      PRAGMA wal_autocheckpoint = ${MAX_LOG_PAGES};
      PRAGMA foreign_keys = ON`);
    assertOurs(db, path);
    migrate(db, path, MIGRATIONS);
    refreshSkeletons(db);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** One statement, so that it sees a state before or after another process has created the tables. */
function assertOurs(db: DatabaseSync, path: string): void {
  const row = db.prepare(`
    SELECT (SELECT application_id FROM pragma_application_id) AS application,
      (SELECT count(*) FROM sqlite_master) AS tables`).get();
  if (row?.["application"] === APPLICATION_ID || row?.["tables"] === 0) return;
  throw new DataError(
    `Cannot open "${path}": it is the database of another program; move it away, or choose ` +
      `another directory`,
  );
}

function damaged(path: string, cause: unknown): DataError {
  return new DataError(
    `Cannot open "${path}": it is damaged (${reasonOf(cause)}); restore it from a backup, or ` +
      `choose another directory`,
    { cause },
  );
}
