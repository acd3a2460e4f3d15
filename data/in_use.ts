/**
 * Whether a server uses a data directory at this moment.
 *
 * @module
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { DataError } from "../sqlite/data_error.ts";
import { type Lock, lock } from "../store/sqlite/lock.ts";
import { cannotUse, LOCK, statIfThere } from "./layout.ts";

/**
 * Whether a server holds the lock of a directory. Only looks: a server that starts at the same moment is
 * not kept from it.
 */
export function isInUse(dir: string): boolean {
  const path = join(dir, LOCK);
  if (statIfThere(path) === undefined) return false;
  const db = new DatabaseSync(path, { readOnly: true });
  try {
    db.exec("PRAGMA busy_timeout = 0");
    // Whoever holds the lock keeps others even from reading.
    db.prepare("SELECT count(*) FROM sqlite_master").get();
    return false;
  } catch (error) {
    if (error instanceof Error && /locked|busy/.test(error.message)) return true;
    // Not locked, and of no other use.
    return false;
  } finally {
    db.close();
  }
}

/**
 * Keeps servers from a directory until the lock is closed.
 *
 * @throws {StartError} if a server is using it
 */
export function lockData(dir: string): Lock {
  try {
    return lock(join(dir, LOCK), dir);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw cannotUse(dir, "a server is using it; stop it first", error);
  }
}
