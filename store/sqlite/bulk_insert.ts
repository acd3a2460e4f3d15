/**
 * Inserts many rows with few statements: each call into SQLite costs about as much as inserting a
 * small row.
 *
 * @module
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** Rows to a statement, most first; a statement is made for each. */
const SIZES = [32, 8, 1];

/** An `INSERT` of any number of rows. */
export class BulkInsert {
  #columns: number;
  #statements: { values: number; statement: StatementSync }[];

  /**
   * @param into up to and without `VALUES`: `INSERT INTO pairs (a, b)`
   * @param columns how many values a row has
   */
  constructor(db: DatabaseSync, into: string, columns: number) {
    this.#columns = columns;
    const row = `(${Array(columns).fill("?").join(", ")})`;
    this.#statements = SIZES.map((size) => ({
      values: size * columns,
      statement: db.prepare(`${into} VALUES ${Array(size).fill(row).join(", ")}`),
    }));
  }

  /**
   * Inserts rows.
   *
   * @param values of all rows, one after the other
   * @returns how many rows were inserted; fewer than given only with `INSERT OR IGNORE`
   */
  run(values: readonly SQLInputValue[]): number {
    if (values.length % this.#columns !== 0) throw new RangeError("Values do not fill rows");
    let inserted = 0;
    let start = 0;
    for (const { values: size, statement } of this.#statements) {
      for (; start + size <= values.length; start += size) {
        inserted += Number(statement.run(...values.slice(start, start + size)).changes);
      }
    }
    return inserted;
  }
}
