import { DatabaseSync } from "node:sqlite";
import { DamageError, isDamage, isLostWrite, LostWriteError } from "../../sqlite/data_error.ts";
import { assertEquals } from "../support/assert.ts";

/** What an act throws. */
function thrownBy(act: () => void): unknown {
  try {
    act();
  } catch (error) {
    return error;
  }
  throw new Error("Cannot examine error: nothing was thrown");
}

/** An error as `node:sqlite` throws it. */
function sqliteError(message: string, errcode?: number): Error {
  return Object.assign(new Error(message), errcode !== undefined && { errcode });
}

Deno.test("isLostWrite() tells a disk that has failed from one that is full", () => {
  const db = new DatabaseSync(":memory:");
  db.exec("CREATE TABLE blobs (bytes); PRAGMA max_page_count = 3");
  const insert = db.prepare("INSERT INTO blobs VALUES (zeroblob(100000))");
  assertEquals(isLostWrite(thrownBy(() => insert.run())), false);
  assertEquals(isLostWrite(thrownBy(() => db.exec(insert.sourceSQL))), false);
  db.close();
  assertEquals(isLostWrite(sqliteError("disk I/O error", 1034)), true, "a failed fsync");
  assertEquals(isLostWrite(sqliteError("disk I/O error", 778)), false, "a quota");
  assertEquals(isLostWrite(sqliteError("disk I/O error")), true);
  assertEquals(isLostWrite(sqliteError("database disk image is malformed")), true);
  assertEquals(isLostWrite(new LostWriteError("gone")), true);
  assertEquals(isLostWrite(new Error("gone")), false);
});

Deno.test("isDamage() recognizes what SQLite says of a file that is no database", () => {
  const path = Deno.makeTempFileSync({ suffix: ".db" });
  try {
    Deno.writeTextFileSync(path, "no database ".repeat(1000));
    const db = new DatabaseSync(path);
    assertEquals(isDamage(thrownBy(() => db.exec("PRAGMA journal_mode = WAL"))), true);
    db.close();
  } finally {
    Deno.removeSync(path);
  }
  assertEquals(isDamage(new DamageError("row 7")), true);
  assertEquals(isDamage(sqliteError("malformed database schema (users)")), true);
  assertEquals(isDamage(sqliteError("disk I/O error", 1034)), false);
  assertEquals(isDamage(new Error("database is locked")), false);
  assertEquals(isDamage("malformed"), false);
});
