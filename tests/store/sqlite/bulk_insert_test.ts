import { DatabaseSync } from "node:sqlite";
import { BulkInsert } from "../../../store/sqlite/bulk_insert.ts";
import { assertEquals, assertThrows } from "../../support/assert.ts";

Deno.test("BulkInsert.run() inserts any number of rows", () => {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE pairs (a PRIMARY KEY, b)");
  const insert = new BulkInsert(db, "INSERT OR IGNORE INTO pairs (a, b)", 2);
  const values = Array.from({ length: 75 }, (_, a) => [a, `b${a}`]).flat();
  assertEquals(insert.run(values), 75);
  assertEquals(insert.run(values), 0);
  assertEquals(insert.run([]), 0);
  const rows = db.prepare("SELECT a, b FROM pairs ORDER BY a").all();
  assertEquals(rows.flatMap(({ a, b }) => [a, b]), values);
  assertThrows(() => insert.run([1]), RangeError, "1 values do not fill rows of 2");
  db.close();
});
