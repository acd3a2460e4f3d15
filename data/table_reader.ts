/**
 * Reads tables a few rows at a time.
 *
 * `StatementSync.iterate()` is of no use for data that may be damaged: the runtime ends it where SQLite reports
 * an error, as if there were no more rows. `all()` throws, so that tables are read in steps of it.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { DatabaseSync, SQLInputValue, SQLOutputValue, StatementSync } from "node:sqlite";
import { isDamage } from "./integrity.ts";

/** Rows read at a time. */
const STEP = 256;

/** A row of any table. */
export type Row = Record<string, SQLOutputValue>;

/** What to read, and in which order. */
export interface Reading {
  readonly table: string;
  /** The columns of the primary key. */
  readonly keys: readonly string[];
  /** From the end to the beginning. */
  readonly backwards?: boolean;
  /** A condition for the rows; its only parameter is `value`. */
  readonly where?: { readonly sql: string; readonly value: SQLInputValue };
}

/**
 * Yields the rows of a table.
 *
 * @throws {Error} if SQLite cannot read on
 */
export function* readTable(db: DatabaseSync, reading: Reading): Generator<Row, void, void> {
  const steps = new Steps(db, reading);
  for (;;) {
    const rows = steps.next(STEP);
    yield* rows;
    if (rows.length < STEP) return;
  }
}

/**
 * Hands over the rows of a table up to the first that cannot be read.
 *
 * @returns whether that were all
 */
export function salvageTable(
  db: DatabaseSync,
  reading: Reading,
  take: (row: Row) => void,
): boolean {
  let size = STEP;
  try {
    const steps = new Steps(db, reading);
    for (;;) {
      try {
        const rows = steps.next(size);
        for (const row of rows) take(row);
        if (rows.length < size) return true;
      } catch (error) {
        // What is wrong may be with one of the last of these rows.
        if (size === 1 || !isDamage(error)) throw error;
        size = 1;
      }
    }
  } catch (error) {
    if (isDamage(error)) return false;
    throw error;
  }
}

/** Reads on from the last row that was read. */
class Steps {
  readonly #db: DatabaseSync;
  readonly #reading: Reading;
  readonly #columns: string;
  #last: Row | undefined;
  readonly #statements = new Map<string, StatementSync>();

  constructor(db: DatabaseSync, reading: Reading) {
    this.#db = db;
    this.#reading = reading;
    this.#columns = reading.keys.join(", ");
  }

  next(limit: number): Row[] {
    const { table, keys, backwards = false, where } = this.#reading;
    const last = this.#last;
    const marks = keys.map(() => "?").join(", ");
    const conditions = [
      ...last === undefined ? [] : [`(${this.#columns}) ${backwards ? "<" : ">"} (${marks})`],
      ...where === undefined ? [] : [where.sql],
    ];
    const order = keys.map((key) => `${key} ${backwards ? "DESC" : "ASC"}`).join(", ");
    const sql = `SELECT * FROM ${table} NOT INDEXED
      ${
      conditions.length === 0 ? "" : `WHERE ${conditions.join(" AND ")}`
    } ORDER BY ${order} LIMIT ?`;
    const values = last === undefined ? [] : keys.map((key) => last[key] ?? null);
    const rows = this.#prepare(sql)
      .all(...values, ...where === undefined ? [] : [where.value], limit);
    for (const row of rows) this.#advance(row);
    return rows;
  }

  /** On a damaged tree SQLite may come back to where it was, for ever. */
  #advance(row: Row): void {
    const { keys, backwards = false, table } = this.#reading;
    const last = this.#last;
    const order = last === undefined ? undefined : compareKeys(keys, last, row);
    if (order !== undefined && (backwards ? order <= 0 : order >= 0)) {
      throw new Error(`database disk image is malformed: ${table} is out of order`);
    }
    this.#last = row;
  }

  #prepare(sql: string): StatementSync {
    let statement = this.#statements.get(sql);
    if (statement === undefined) this.#statements.set(sql, statement = this.#db.prepare(sql));
    return statement;
  }
}

/** As SQLite orders them: numbers, then texts by their bytes. */
function compareKeys(keys: readonly string[], a: Row, b: Row): number {
  for (const key of keys) {
    const [one, other] = [a[key], b[key]];
    const order = typeof one === "number" && typeof other === "number"
      ? one - other
      : Buffer.compare(Buffer.from(String(one)), Buffer.from(String(other)));
    if (order !== 0) return order;
  }
  return 0;
}
