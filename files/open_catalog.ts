/**
 * Opens `files.db`, or begins a new one if it is missing or damaged: all that it holds about announced files
 * can be read from the messages again.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { DatabaseSync } from "node:sqlite";
import type { Sync } from "../config/config.ts";
import { connectWriter } from "../sqlite/connect.ts";
import { DamageError, reasonOf } from "../sqlite/data_error.ts";
import { migrate } from "../sqlite/migrate.ts";
import { Catalog, CATALOG_MIGRATIONS } from "./catalog.ts";
import { tightenFile } from "./modes.ts";

const logger = getLogger(["hubbub", "files"]);

/** What SQLite leaves beside a database. */
const LOGS = ["-wal", "-shm"];

/**
 * What SQLite says of a file that is not a database, is malformed or cut off, or is not of this kind. The
 * text, because `DatabaseSync.exec` of Deno tells no codes; the last because Deno 2.5 says nothing else of a
 * statement that cannot be prepared.
 */
const DAMAGE =
  /^(?:file is not a database|database disk image is malformed|malformed database schema|unsupported file format|no such (?:table|column)|table .* already exists|failed to prepare statement)/;

/**
 * Opens the catalog. A damaged one is moved to `files.db.damaged-TIME`.
 *
 * @param path of `files.db`
 * @param now milliseconds since 1970
 * @throws {DataError} if it has a newer format
 * @throws {Error} if it cannot be opened for another reason, such as rights
 */
export function openCatalog(path: string, sync: Sync, now: number): Catalog {
  try {
    return open(path, sync);
  } catch (error) {
    if (!isDamage(error)) throw error;
    const aside = moveAside(path, now);
    logger.error("{path} is damaged: {reason}; it was moved to {aside} and is made anew", {
      path,
      reason: reasonOf(error),
      aside,
    });
    return open(path, sync);
  }
}

function open(path: string, sync: Sync): Catalog {
  const db = connectWriter(path, sync);
  try {
    for (const end of ["", ...LOGS]) tightenFile(path + end);
    check(db);
    migrate(db, path, CATALOG_MIGRATIONS);
    const catalog = new Catalog(db);
    // Whatever is missing shows now.
    catalog.readMeta("epoch");
    catalog.lastAnnounced("");
    catalog.bytes();
    return catalog;
  } catch (error) {
    db.close();
    throw error;
  }
}

function check(db: DatabaseSync): void {
  const result = db.prepare("PRAGMA quick_check(1)").get()?.["quick_check"];
  if (result !== "ok") throw new DamageError(String(result).replaceAll("\n", ": "));
}

function isDamage(error: unknown): boolean {
  return error instanceof DamageError || (error instanceof Error && DAMAGE.test(error.message));
}

/** Moves a database and its logs. Returns the new path. */
function moveAside(path: string, now: number): string {
  const time = new Date(now).toISOString().replaceAll(/[-:]|\.\d+/g, "");
  const aside = `${path}.damaged-${time}`;
  for (const end of ["", ...LOGS]) {
    try {
      Deno.renameSync(path + end, aside + end);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
  return aside;
}
