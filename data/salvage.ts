/**
 * Collects what can be read of a damaged `hubbub.db`: by SQLite from both ends of each table, and, of tables
 * that it cannot read to the end, from the pages themselves.
 *
 * @module
 */
import type { SQLOutputValue } from "node:sqlite";
import { isDamage, open, tablesOf } from "./integrity.ts";
import { type Row, salvageTable } from "./table_reader.ts";
import { type PageRecord, readPages, type Value } from "./pages.ts";

/** A row of `runs`. */
export interface SegmentRow {
  readonly number: number;
  readonly place: number;
  readonly count: number;
  readonly time: number;
  readonly messages: string;
}

/** A row of `rooms`. */
export interface RoomRow {
  readonly number: number;
  readonly name: string;
  readonly last: number;
  /** Absent in older formats. */
  readonly first?: number;
  readonly change?: number;
}

/** Takes what is found; the same row may be found several times. */
export interface Finds {
  segment(row: SegmentRow): void;
  room(row: RoomRow): void;
  settings(room: string, isPrivate: number, topic: string): void;
  member(room: string, user: string, role: string, read: number): void;
  maker(room: string, user: string, network: string, time: number): void;
  /** That a room had messages up to a `seq`. */
  reached(roomId: number, last: number): void;
  /** What is recorded once, but for the epoch. */
  meta(key: string, value: SQLOutputValue): void;
  /** That a message number was given. */
  numbered(id: number): void;
}

/** Tables and their keys, in whose order they are read, forwards and backwards. */
const TABLES: Readonly<Record<string, readonly string[]>> = {
  meta: ["key"],
  rooms: ["number"],
  runs: ["number"],
  room_settings: ["room"],
  members: ["room", "user"],
};

/** Tables that older formats lack. */
const NEWER: Readonly<Record<string, readonly string[]>> = {
  room_starts: ["room", "start"],
  makers: ["room"],
};

const ROLES: ReadonlySet<Value | undefined> = new Set(["owner", "moderator", "member"]);

/** Collects from a database and its log. */
export function salvage(path: string, finds: Finds): void {
  if (readWithSqlite(path, finds)) return;
  for (const record of readPages(path)) sortRecord(record, finds);
}

/** Returns whether every table could be read to its end. */
function readWithSqlite(path: string, finds: Finds): boolean {
  try {
    const db = open(path, { readOnly: false });
    try {
      // The pages are then all in the database itself.
      db.exec("PRAGMA wal_checkpoint(TRUNCATE)");
      // Every table is read, whatever the others are like.
      const newer = Object.entries(NEWER).filter(([name]) => tablesOf(db).has(name));
      return [...Object.entries(TABLES), ...newer].map(([table, keys]) => {
        const take = (row: Row) => sortRow(table, row, finds);
        return salvageTable(db, { table, keys }, take) ||
          // What is read twice is found twice. It is not whole in any case.
          (salvageTable(db, { table, keys, backwards: true }, take), false);
      }).every(Boolean);
    } finally {
      db.close();
    }
  } catch (error) {
    if (!isDamage(error)) throw error;
    return false;
  }
}

function sortRow(table: string, row: Row, finds: Finds): void {
  const number = (column: string) => Number(row[column]);
  const text = (column: string) => String(row[column]);
  switch (table) {
    case "meta":
      if (row["key"] === "numbered") finds.numbered(number("value"));
      else if (row["key"] !== "epoch") finds.meta(text("key"), row["value"] ?? null);
      break;
    case "rooms":
      finds.room({
        number: number("number"),
        name: text("name"),
        last: number("last"),
        ...row["first"] !== undefined && { first: number("first"), change: number("change") },
      });
      break;
    case "runs":
      finds.segment({
        number: number("number"),
        place: number("place"),
        count: number("count"),
        time: number("time"),
        messages: text("messages"),
      });
      break;
    case "room_starts":
      finds.reached(number("room"), number("last"));
      break;
    case "room_settings":
      finds.settings(text("room"), number("private"), text("topic"));
      break;
    case "members":
      finds.member(text("room"), text("user"), text("role"), number("read"));
      break;
    case "makers":
      finds.maker(text("room"), text("user"), text("network"), number("time"));
  }
}

/** A page does not say to which table it belongs; the records of ours differ in their columns. */
function sortRecord({ rowid, values }: PageRecord, finds: Finds): void {
  const [a, b, c, d, e] = values;
  const length = values.length;
  if (rowid !== undefined) {
    if (length === 5 && isCount(b) && isCount(c) && isCount(d) && typeof e === "string") {
      finds.segment({ number: rowid, place: b, count: c, time: d, messages: e });
    } else if (length >= 6 && typeof b === "string" && isCount(c) && isCount(d) && isCount(e)) {
      finds.room({ number: rowid, name: b, last: c, change: d, first: e });
    } else if (length === 3 && typeof b === "string" && isCount(c) && !isStart(b, c)) {
      finds.room({ number: rowid, name: b, last: c });
    }
  } else if (length === 4 && ROLES.has(c) && isCount(d)) {
    finds.member(String(a), String(b), String(c), d);
  } else if (
    length === 4 && typeof a === "string" && typeof b === "string" && isNetwork(c) && isCount(d)
  ) {
    finds.maker(a, b, c, d);
  } else if (
    length === 3 && typeof a === "string" && (b === 0 || b === 1) && typeof c === "string"
  ) {
    finds.settings(a, b, c);
  }
}

function isCount(value: Value | undefined): value is number {
  return typeof value === "number" && value >= 0 && Number.isSafeInteger(value);
}

/** A network, or nothing in its place. */
function isNetwork(value: Value | undefined): value is string {
  return typeof value === "string" && /^$|[.:]/.test(value);
}

/** A row of `starts`, which looks like a room of an older format: a random id, and a time. */
function isStart(name: string, last: number): boolean {
  return last > 2 ** 32 ||
    /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/.test(name);
}
