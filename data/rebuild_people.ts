/**
 * Makes a new `people.db` of what can be read of a damaged one.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";
import { migrate } from "../sqlite/migrate.ts";
import { MIGRATIONS } from "../people/sqlite/schema.ts";
import { type Row, salvageTable } from "./table_reader.ts";
import { columnsOf, isDamage, open, tablesOf } from "./integrity.ts";
import type { Rebuilt } from "./rebuild.ts";

/** Tables whose rows are not needed: what they announce is over when the server starts. */
const TRANSIENT: ReadonlySet<string> = new Set(["changed", "ceremonies", "sqlite_sequence"]);

/**
 * Makes a new database: every table is read from both ends.
 *
 * @param to a path at which there is none
 */
export function rebuildPeople(from: string, to: string): Rebuilt {
  const db = new DatabaseSync(to);
  try {
    db.exec("PRAGMA auto_vacuum = INCREMENTAL; PRAGMA foreign_keys = OFF");
    migrate(db, to, MIGRATIONS);
    db.exec("BEGIN");
    const tables = [...tablesOf(db)].filter((name) => !TRANSIENT.has(name));
    const lost = copyAll(from, db, tables);
    for (const table of tables) dropOrphans(db, table);
    db.exec("COMMIT");
    const users = Number(db.prepare("SELECT count(*) AS n FROM users").get()?.["n"]);
    return { lost, recovered: [`people.db: ${users} users`] };
  } finally {
    db.close();
  }
}

/** Returns what could not be read to its end. */
function copyAll(from: string, to: DatabaseSync, tables: readonly string[]): string[] {
  const lost: string[] = [];
  let source: DatabaseSync;
  try {
    source = open(from, { readOnly: false });
  } catch (error) {
    if (isDamage(error)) return ["people.db: everything"];
    throw error;
  }
  try {
    for (const table of tables) {
      if (!copyRows(source, to, table)) lost.push(`people.db: some or all ${table}`);
    }
  } finally {
    source.close();
  }
  return lost;
}

/** Returns whether the table could be read to its end. */
function copyRows(from: DatabaseSync, to: DatabaseSync, table: string): boolean {
  const columns = to.prepare("SELECT name FROM pragma_table_info(?) WHERE pk > 0 ORDER BY pk")
    .all(table);
  const keys = columns.map(({ name }) => String(name));
  const take = (row: Row) => insert(to, table, row);
  if (salvageTable(from, { table, keys }, take)) return true;
  salvageTable(from, { table, keys, backwards: true }, take);
  return false;
}

/** A row that breaks a rule of its table is damaged, and left out. */
function insert(db: DatabaseSync, table: string, row: Row): void {
  const columns = Object.keys(row);
  const marks = columns.map(() => "?").join(", ");
  try {
    db.prepare(`INSERT OR IGNORE INTO ${table} (${columns.join(", ")}) VALUES (${marks})`)
      .run(...Object.values(row));
  } catch (error) {
    if (!(error instanceof Error && /constraint|cannot store/.test(error.message))) throw error;
  }
}

/** What belonged to users who are lost. */
function dropOrphans(db: DatabaseSync, table: string): void {
  const columns = columnsOf(db, table);
  for (const column of ["user", "maker"]) {
    if (columns.has(column)) {
      db.exec(`DELETE FROM ${table} WHERE ${column} NOT IN (SELECT id FROM users)`);
    }
  }
}
