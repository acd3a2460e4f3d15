/**
 * Upgrades a database from the format that it has to the newest one.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { DataError } from "./data_error.ts";

/**
 * Upgrades a database. Several processes may do so at the same time.
 *
 * @param path for the error message
 * @param migrations step n upgrades a database of format n to format n + 1. A released step never
 *   changes: a later format is a further step
 * @throws {DataError} if the format is newer than the last step
 */
export function migrate(db: DatabaseSync, path: string, migrations: readonly string[]): void {
  const found = formatOf(db);
  if (found > migrations.length) {
    throw new DataError(
      `Cannot open "${path}": it was written by a newer version (format ${found}, this one reads ` +
        `up to ${migrations.length}); run that version, or choose another directory`,
    );
  }
  for (const [format, step] of migrations.entries()) {
    if (format < found) continue;
    db.exec("BEGIN IMMEDIATE");
    // Another process may have taken the step while this one waited for its turn.
    if (formatOf(db) === format) db.exec(`${step}; PRAGMA user_version = ${format + 1}`);
    db.exec("COMMIT");
  }
}

/** The format of a database; 0 for a new one. */
export function formatOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}
