/**
 * Inserts many rows into a SQLite database with few statements.
 *
 * @module
 */
import type { DatabaseSync, SQLInputValue, StatementSync } from "node:sqlite";

/** Rows per statement, descending; one statement is prepared for each. */
const SIZES = [32, 8, 1];

/**
 * An `INSERT` of any number of rows with few statements: each call into SQLite costs about as much as
 * inserting a small row.
 */
export class BulkInsert {
  #columns: number;
  #statements: { values: number; statement: StatementSync }[];

  /**
   * @param into the SQL before `VALUES`: `INSERT INTO pairs (a, b)`
   * @param columns number of values in a row
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
   * @param values of all rows, concatenated
   * @returns the number of rows inserted; fewer than given only with `INSERT OR IGNORE`
   * @throws {RangeError} if the values do not fill rows
   */
  run(values: readonly SQLInputValue[]): number {
    if (values.length % this.#columns !== 0) {
      throw new RangeError(
        `Cannot insert rows: ${values.length} values do not fill rows of ${this.#columns}`,
      );
    }
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
