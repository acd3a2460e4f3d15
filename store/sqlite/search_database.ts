/**
 * The file of the search index: its tables, and whether an existing file is usable.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { connectWriter } from "../../sqlite/connect.ts";
import { formatOf } from "../../sqlite/migrate.ts";
import type { Position } from "./position.ts";

/** Incremented with every change to the tables or to the form of entries. */
const FORMAT = 1;

const CORRUPT =
  /malformed|not a database|corrupt|vtable constructor failed|failed to prepare statement/;

/**
 * `detail=none`: queries only ask which messages have an entry. `secure-delete`: removed entries are
 * erased at once, not when segments of the index are merged.
 */
const TABLES = `
  CREATE TABLE state (epoch TEXT NOT NULL, next INTEGER NOT NULL, change INTEGER NOT NULL);
  CREATE VIRTUAL TABLE entries USING fts5(
    text, detail = none, columnsize = 0, tokenize = "ascii tokenchars '#'"
  );
  INSERT INTO entries (entries, rank) VALUES ('secure-delete', 1);
`;

/** An open, usable index. */
export interface SearchDatabase {
  db: DatabaseSync;
  /** How far the index has read `hubbub.db`. */
  position: Position;
}

/**
 * Opens the index. Creates an empty one if there is none, or if it has another format, belongs to other
 * data or is corrupt.
 *
 * @param start the position of `hubbub.db` when it was opened
 * @param main a connection to `hubbub.db`
 */
export function openSearchDatabase(
  path: string,
  epoch: string,
  start: Position,
  main: DatabaseSync,
): SearchDatabase {
  return openUsable(path, epoch, start, main) ?? recreate(path, epoch, main);
}

function openUsable(
  path: string,
  epoch: string,
  start: Position,
  main: DatabaseSync,
): SearchDatabase | undefined {
  const db = connectUnlessCorrupt(path);
  try {
    const position = db && formatOf(db) === FORMAT ? readPosition(db, epoch) : undefined;
    if (db && position && isUsable(position, start, main)) return { db, position };
  } catch {
    // The tables do not match the format number.
  }
  db?.close();
  return undefined;
}

function connectUnlessCorrupt(path: string): DatabaseSync | undefined {
  try {
    return connectWriter(path, "normal");
  } catch (error) {
    if (isCorrupt(error)) return undefined;
    throw error;
  }
}

function recreate(path: string, epoch: string, main: DatabaseSync): SearchDatabase {
  removeSearchDatabase(path);
  const position = { nextId: 1, change: lastChange(main) };
  const db = connectWriter(path, "normal");
  db.exec(`BEGIN; ${TABLES}`);
  db.prepare("INSERT INTO state VALUES (?, ?, ?)").run(epoch, position.nextId, position.change);
  db.exec(`PRAGMA user_version = ${FORMAT}; COMMIT`);
  return { db, position };
}

/** Removes the index, which must be closed; the next `openSearchDatabase` creates a new one. */
export function removeSearchDatabase(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) removeIfThere(path + suffix);
}

/**
 * Whether an error means that the file is corrupt. The runtime passes on SQLite's messages but not its
 * codes, and older runtimes only say that a statement failed to prepare, which every one once did.
 */
export function isCorrupt(error: unknown): boolean {
  return error instanceof Error && CORRUPT.test(error.message);
}

function readPosition(db: DatabaseSync, epoch: string): Position | undefined {
  const row = db.prepare("SELECT next, change FROM state WHERE epoch = ?").get(epoch);
  return row && { nextId: Number(row["next"]), change: Number(row["change"]) };
}

/**
 * Whether the index has read nothing that `hubbub.db` has lost since, by a power cut or because an older
 * file was restored, and whether all changes that it has not read still exist.
 */
function isUsable(position: Position, start: Position, main: DatabaseSync): boolean {
  if (position.nextId > start.nextId || position.change > start.change) return false;
  const unread = main.prepare("SELECT count(*) AS count FROM changes WHERE change > ?")
    .get(position.change);
  return position.change + Number(unread?.["count"]) === lastChange(main);
}

/** The last change ever made to an earlier message. */
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
