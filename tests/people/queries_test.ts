/** No query on `people.db` reads a whole table: they may have a million rows. */
import { DatabaseSync } from "node:sqlite";
import { assert, assertEquals } from "../support/assert.ts";
import { SqlitePeople } from "../../people/sqlite/people.ts";
import { MIGRATIONS } from "../../people/sqlite/schema.ts";

/** A database of the newest format, and the statements that are prepared on it. */
function recordStatements(): { db: DatabaseSync; statements: string[] } {
  const db = new DatabaseSync(":memory:");
  for (const step of MIGRATIONS) db.exec(step);
  const statements: string[] = [];
  const prepare = db.prepare.bind(db);
  db.prepare = (sql) => {
    statements.push(sql);
    return prepare(sql);
  };
  return { db, statements };
}

Deno.test("SqlitePeople finds whatever it reads or changes by an index", async () => {
  const { db, statements } = recordStatements();
  const people = new SqlitePeople(db, undefined, 1000);
  const scans = [...new Set(statements)]
    .filter((sql) => !sql.startsWith("PRAGMA"))
    .flatMap((sql) => db.prepare(`EXPLAIN QUERY PLAN ${sql}`).all())
    .map(({ detail }) => String(detail))
    .filter((detail) => /^SCAN \w+$/.test(detail));
  assertEquals(scans, []);
  assert(statements.length > 40, `${statements.length} statements were recorded`);
  await people.close();
});
