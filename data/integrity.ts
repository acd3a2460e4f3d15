/**
 * Asks SQLite whether a database is sound.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { reasonOf } from "../sqlite/data_error.ts";

/** How long to wait for another process's lock, in milliseconds. */
const BUSY_TIMEOUT_MS = 5000;

/** Problems that are listed of a database, at most. */
const MAX_PROBLEMS = 20;

/**
 * What is no damage but says that the database cannot be reached now. Everything else that SQLite says is:
 * older runtimes name no reason at all when a statement cannot be prepared on a damaged database.
 */
const OUT_OF_REACH = /locked|busy|read-?only|unable to open|permission|denied|interrupted|full/i;

/** Whether an error of SQLite means that a file is damaged, and not that it is out of reach. */
export function isDamage(error: unknown): boolean {
  return error instanceof Error && !OUT_OF_REACH.test(error.message);
}

/** Opens a database, for reading only unless said otherwise. Changes nothing beside a running server. */
export function open(path: string, { readOnly = true } = {}): DatabaseSync {
  const db = new DatabaseSync(path, { readOnly });
  try {
    db.exec(`PRAGMA busy_timeout = ${BUSY_TIMEOUT_MS}; PRAGMA cell_size_check = ON`);
    return db;
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Works with a database, opened for reading, and closes it. */
export function withDatabase<T>(path: string, work: (db: DatabaseSync) => T): T {
  const db = open(path);
  try {
    return work(db);
  } finally {
    db.close();
  }
}

/**
 * What SQLite finds wrong with a database: with the structure of its pages, and with `integrity_check` also
 * whether indexes and tables agree.
 *
 * @param table only this one; default: all
 * @throws {Error} if it is out of reach
 */
export function findProblems(
  db: DatabaseSync,
  pragma: "quick_check" | "integrity_check",
  table?: string,
): string[] {
  try {
    const rows = db.prepare(`PRAGMA ${pragma}(${table ?? MAX_PROBLEMS})`).all();
    return rows.map((row) => String(Object.values(row)[0]).replaceAll("\n", "; "))
      .filter((problem) => problem !== "ok");
  } catch (error) {
    if (!isDamage(error)) throw error;
    return [reasonOf(error)];
  }
}

/** Names of the tables of a database. */
export function tablesOf(db: DatabaseSync): Set<string> {
  const rows = db.prepare("SELECT name FROM sqlite_master WHERE type = 'table'").all();
  return new Set(rows.map(({ name }) => String(name)));
}

/** Names of the columns of a table. */
export function columnsOf(db: DatabaseSync, table: string): Set<string> {
  const rows = db.prepare("SELECT name FROM pragma_table_info(?)").all(table);
  return new Set(rows.map(({ name }) => String(name)));
}

/** Size of a database in bytes, without its log. */
export function sizeOf(db: DatabaseSync): number {
  const row = db.prepare(
    "SELECT page_count * page_size AS bytes FROM pragma_page_count, pragma_page_size",
  ).get();
  return Number(row?.["bytes"]);
}
