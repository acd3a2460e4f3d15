import { DatabaseSync } from "node:sqlite";
import { formatOf, migrate } from "../../sqlite/migrate.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";

Deno.test("migrate() applies the missing steps, each once", () => {
  const db = new DatabaseSync(":memory:");
  const steps = ["CREATE TABLE log (step)", "INSERT INTO log VALUES (2)"];
  migrate(db, "hubbub.db", steps);
  assertEquals(formatOf(db), 2);
  migrate(db, "hubbub.db", [...steps, "INSERT INTO log VALUES (3)"]);
  assertEquals(formatOf(db), 3);
  assertEquals(db.prepare("SELECT step FROM log").all().map(({ step }) => step), [2, 3]);
  db.close();
});

Deno.test("migrate() leaves the format unchanged when a step fails", () => {
  const db = new DatabaseSync(":memory:");
  migrate(db, "hubbub.db", ["CREATE TABLE log (step)"]);
  const steps = ["", "INSERT INTO log VALUES (2); INSERT INTO nowhere VALUES (1)"];
  assertThrows(() => migrate(db, "hubbub.db", steps), Error, "nowhere");
  db.exec("ROLLBACK");
  assertEquals([formatOf(db), db.prepare("SELECT step FROM log").all()], [1, []]);
  db.close();
});

Deno.test("migrate() skips the steps that another connection takes while it waits", () => {
  const path = Deno.makeTempFileSync({ suffix: ".db" });
  const [ours, theirs] = [new DatabaseSync(path), new DatabaseSync(path)];
  const steps = ["CREATE TABLE log (step)", "INSERT INTO log VALUES (2)"];
  const exec = ours.exec.bind(ours);
  // The other connection comes in between the first look at the format and the transaction.
  ours.exec = (sql) => {
    if (sql === "BEGIN IMMEDIATE") migrate(theirs, path, steps);
    exec(sql);
  };
  migrate(ours, path, steps);
  assertEquals(ours.prepare("SELECT step FROM log").all().map(({ step }) => step), [2]);
  ours.close();
  theirs.close();
  Deno.removeSync(path);
});
