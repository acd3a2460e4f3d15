/**
 * The file of the search index: how it is opened, and whether an existing file is usable.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { connectWriter } from "../../sqlite/connect.ts";
import { formatOf } from "../../sqlite/migrate.ts";
import type { Position } from "./position.ts";

/** Incremented with every change to the tables or to the form of entries. */
const FORMAT = 2;

/** Page cache, in KiB: the shard that is written to fits. */
const CACHE_KIB = 8192;

/**
 * What SQLite says if the file may be sound: there is no room for it, it cannot be reached, or the statement is
 * wrong. Everything else is taken for damage, of which FTS5 speaks in many ways; the worst that comes of it is an
 * index that is built anew. The runtime passes on the messages but not the codes.
 */
const NO_DAMAGE =
  /disk is full|disk I\/O|locked|busy|unable to open|out of memory|read-?only|interrupted|permission|authoriz|syntax error|too large|too many|too big|overflow/i;

/** The rows of `shards` describe the other tables (`search_shards.ts`). */
const TABLES = `
  CREATE TABLE state (epoch TEXT NOT NULL, next INTEGER NOT NULL, change INTEGER NOT NULL);
  CREATE TABLE shards (
    first INTEGER PRIMARY KEY,
    number INTEGER NOT NULL UNIQUE,
    oldest INTEGER,
    newest INTEGER,
    disorder INTEGER NOT NULL
  );
`;

/** `search.db` is damaged, or was closed because it is: it has to be rebuilt. */
export class IndexDamage extends Error {
  override readonly name = "IndexDamage";
}

/** An open, usable index. */
export interface SearchDatabase {
  db: DatabaseSync;
  /** How far the index has read `hubbub.db`. */
  position: Position;
}

/**
 * Runs statements of `search.db`.
 *
 * @throws {IndexDamage} if they fail because it is damaged
 */
export function inIndex<T>(act: () => T): T {
  try {
    return act();
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new IndexDamage(error instanceof Error ? error.message : "", { cause: error });
  }
}

/**
 * Opens the index. Creates an empty one if there is none, or if it has another format, belongs to other
 * data or is damaged.
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
  const db = connectUnlessDamaged(path);
  let position: Position | undefined;
  try {
    position = db && formatOf(db) === FORMAT ? readPosition(db, epoch) : undefined;
  } catch {
    // The tables do not match the format number.
  }
  if (db && position && isUsable(position, start, main)) return { db, position };
  db?.close();
  return undefined;
}

function connectUnlessDamaged(path: string): DatabaseSync | undefined {
  try {
    return connectIndex(path);
  } catch (error) {
    if (isDamage(error)) return undefined;
    throw error;
  }
}

function connectIndex(path: string): DatabaseSync {
  const db = connectWriter(path, "normal");
  db.exec(`PRAGMA cache_size = -${CACHE_KIB}`);
  return db;
}

function recreate(path: string, epoch: string, main: DatabaseSync): SearchDatabase {
  removeSearchDatabase(path);
  const position = { nextId: 1, change: lastChange(main) };
  const db = connectIndex(path);
  try {
    db.exec(`BEGIN; ${TABLES}`);
    db.prepare("INSERT INTO state VALUES (?, ?, ?)").run(epoch, position.nextId, position.change);
    db.exec(`PRAGMA user_version = ${FORMAT}; COMMIT`);
  } catch (error) {
    db.close();
    throw error;
  }
  return { db, position };
}

/** Removes the index, which must be closed; the next `openSearchDatabase` creates a new one. */
export function removeSearchDatabase(path: string): void {
  for (const suffix of ["", "-wal", "-shm"]) removeIfThere(path + suffix);
}

function isDamage(error: unknown): boolean {
  if (error instanceof TypeError || error instanceof RangeError) return false;
  return error instanceof Error && !NO_DAMAGE.test(error.message);
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
export function lastChange(main: DatabaseSync): number {
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
