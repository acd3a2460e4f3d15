/**
 * The file of the search index: its tables, and whether a file that is there fits.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { connectWriter } from "./connection.ts";
import type { Position } from "./position.ts";
import { formatOf } from "./schema.ts";

/** Rises with every change of the tables or of what entries are made of. */
const FORMAT = 1;

const BROKEN =
  /malformed|not a database|corrupt|vtable constructor failed|failed to prepare statement/;

/**
 * `detail=none`: which messages hold an entry is all that is asked. `secure-delete`: what is removed
 * is gone at once, not when SQLite gets to tidying up.
 */
const TABLES = `
  CREATE TABLE state (epoch TEXT NOT NULL, next INTEGER NOT NULL, change INTEGER NOT NULL);
  CREATE VIRTUAL TABLE entries USING fts5(
    text, detail = none, columnsize = 0, tokenize = "ascii tokenchars '#'"
  );
  INSERT INTO entries (entries, rank) VALUES ('secure-delete', 1);
`;

/** An index that fits. */
export interface SearchDatabase {
  db: DatabaseSync;
  /** How far the index has followed `hubbub.db`. */
  position: Position;
}

/**
 * Opens the index; makes an empty one if there is none, or one of another format or of other data,
 * or a broken one.
 *
 * @param start where `hubbub.db` was when it was opened
 * @param main a connection to it
 */
export function openSearchDatabase(
  path: string,
  epoch: string,
  start: Position,
  main: DatabaseSync,
): SearchDatabase {
  return openFitting(path, epoch, start, main) ?? makeAnew(path, epoch, main);
}

function openFitting(
  path: string,
  epoch: string,
  start: Position,
  main: DatabaseSync,
): SearchDatabase | undefined {
  const db = connectUnlessBroken(path);
  try {
    const position = db && formatOf(db) === FORMAT ? readPosition(db, epoch) : undefined;
    if (db && position && fits(position, start, main)) return { db, position };
  } catch {
    // It is not what its format says.
  }
  db?.close();
  return undefined;
}

function connectUnlessBroken(path: string): DatabaseSync | undefined {
  try {
    return connectWriter(path, "normal");
  } catch (error) {
    if (isBroken(error)) return undefined;
    throw error;
  }
}

function makeAnew(path: string, epoch: string, main: DatabaseSync): SearchDatabase {
  removeSearchDatabase(path);
  const position = { next: 1, change: lastChange(main) };
  const db = connectWriter(path, "normal");
  db.exec(`BEGIN; ${TABLES}`);
  db.prepare("INSERT INTO state VALUES (?, ?, ?)").run(epoch, position.next, position.change);
  db.exec(`PRAGMA user_version = ${FORMAT}; COMMIT`);
  return { db, position };
}

/** Removes the index, which must not be open, so that the next one is made anew. */
export function removeSearchDatabase(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) removeIfThere(path + suffix);
}

/**
 * Whether an error says that the file is broken. The runtime hands on SQLite's words, not its codes,
 * and older ones only say that a statement, each of which was right once, could not be prepared.
 */
export function isBroken(error: unknown): boolean {
  return error instanceof Error && BROKEN.test(error.message);
}

function readPosition(db: DatabaseSync, epoch: string): Position | undefined {
  const row = db.prepare("SELECT next, change FROM state WHERE epoch = ?").get(epoch);
  return row && { next: Number(row["next"]), change: Number(row["change"]) };
}

/**
 * Whether the index has seen nothing that was lost, in a power cut perhaps, or by the restoring of an
 * older file; and what it has not seen is all still there.
 */
function fits(position: Position, start: Position, main: DatabaseSync): boolean {
  if (position.next > start.next || position.change > start.change) return false;
  const left = main.prepare("SELECT count(*) AS count FROM changes WHERE change > ?")
    .get(position.change);
  return position.change + Number(left?.["count"]) === lastChange(main);
}

/** The last change that was ever made to an earlier message. */
function lastChange(main: DatabaseSync): number {
  const row = main.prepare("SELECT seq FROM sqlite_sequence WHERE name = 'changes'").get();
  return Number(row?.["seq"] ?? 0);
}

function removeIfThere(path: string): void {
  try {
    Deno.removeSync(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
