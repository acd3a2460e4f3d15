/**
 * The tables of `hubbub.db`, as a list of steps from one format to the next.
 *
 * Messages are kept in runs: the messages that one room got in one batch, in one row. A busy turn
 * holds a thousand of them, and a row for each would cost twice as much.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { StoreOpenError } from "./open_error.ts";

/**
 * Step n brings a database of format n to format n + 1. A step that was released is never changed
 * again: later formats are further steps.
 */
export const MIGRATIONS: readonly string[] = [
  `
  -- 'epoch': see the contract. 'numbered': a message number that was given; greater ones may have been.
  CREATE TABLE meta (key TEXT PRIMARY KEY, value) WITHOUT ROWID;

  -- last: a seq that was given; the greatest, unless later messages are still there to show theirs.
  CREATE TABLE rooms (
    number INTEGER PRIMARY KEY,
    name TEXT NOT NULL UNIQUE,
    last INTEGER NOT NULL
  );

  -- number: of the first message, counting the messages of all rooms in order of arrival.
  -- place: of the first message, room number * 2^32 + seq.
  -- count: how many messages; seq and number rise by one from each to the next.
  -- time: of the newest of them.
  CREATE TABLE runs (
    number INTEGER PRIMARY KEY,
    place INTEGER NOT NULL,
    count INTEGER NOT NULL,
    time INTEGER NOT NULL,
    messages TEXT NOT NULL
  );
  CREATE UNIQUE INDEX runs_by_place ON runs (place);

  -- The messages that carry a client's id, to recognise a resend.
  CREATE TABLE ids (
    room INTEGER NOT NULL,
    author TEXT NOT NULL,
    id TEXT NOT NULL,
    seq INTEGER NOT NULL,
    PRIMARY KEY (room, author, id)
  ) WITHOUT ROWID;

  -- Messages [number, number + count) are no longer what they were when they arrived. The search
  -- index reads this; what it has read is removed.
  CREATE TABLE changes (
    change INTEGER PRIMARY KEY AUTOINCREMENT,
    number INTEGER NOT NULL,
    count INTEGER NOT NULL
  );

  INSERT INTO meta VALUES ('numbered', 0);
  `,
];

/**
 * Brings a database to the newest format.
 *
 * @param path for the error's text
 * @throws {StoreOpenError} if its format is newer than this program
 */
export function migrate(db: DatabaseSync, path: string, migrations = MIGRATIONS): void {
  const found = formatOf(db);
  if (found > migrations.length) {
    throw new StoreOpenError(
      `Cannot open "${path}": it was written by a newer version (format ${found}, this one reads ` +
        `up to ${migrations.length}); run that version, or choose another directory`,
    );
  }
  for (const [format, step] of migrations.entries()) {
    if (format < found) continue;
    db.exec(`BEGIN IMMEDIATE; ${step}; PRAGMA user_version = ${format + 1}; COMMIT`);
  }
}

/** The format that a database says it has; 0 for a new one. */
export function formatOf(db: DatabaseSync): number {
  return Number(db.prepare("PRAGMA user_version").get()?.["user_version"]);
}
