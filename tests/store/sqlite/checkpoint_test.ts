/** The write-ahead log stays small, and the database shrinks when messages are removed. */
import { assert, assertEquals, assertThrows } from "../../support/assert.ts";
import { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { migrate } from "../../../sqlite/migrate.ts";
import { Checkpointer } from "../../../store/sqlite/checkpoint.ts";
import { connectLogWriter, enableIncrementalVacuum } from "../../../store/sqlite/connect.ts";
import { BusyError } from "../../../store/sqlite/failures.ts";
import { MIGRATIONS } from "../../../store/sqlite/schema.ts";
import { Writer } from "../../../store/sqlite/writer.ts";
import { message, say } from "../conformance.ts";
import { openStore, withDir } from "./harness.ts";

/** The bound that docs/operations.md names. */
const BOUND = 16 * 1024 * 1024;

interface Setup {
  path: string;
  writer: Writer;
  checkpointer: Checkpointer;
  /** Size of the log's file, in bytes. */
  logSize: () => number;
  /** Commits messages one by one, and reports them to the checkpointer. */
  post: (count: number) => void;
}

function withCheckpointer(run: (setup: Setup) => void): Promise<void> {
  return withDir((dir) => {
    const path = join(dir, "hubbub.db");
    const db = connectLogWriter(path, "off");
    migrate(db, path, MIGRATIONS);
    db.exec("PRAGMA busy_timeout = 0");
    const writer = new Writer(db);
    const checkpointer = new Checkpointer(path);
    const post = (count: number) => {
      for (let n = 0; n < count; n++) {
        writer.commit([message("lobby", "x".repeat(3000), { id: crypto.randomUUID() })]);
        checkpointer.written(writer.takeWritten());
      }
    };
    const logSize = () => Deno.statSync(`${path}-wal`).size;
    try {
      run({ path, writer, checkpointer, logSize, post });
    } finally {
      checkpointer.close();
      writer.close();
    }
    return Promise.resolve();
  });
}

/** A transaction of another connection that has read, and so keeps what it saw. */
function startReading(path: string): DatabaseSync {
  const reader = new DatabaseSync(path, { readOnly: true });
  reader.exec("BEGIN");
  reader.prepare("SELECT count(*) FROM rooms").get();
  return reader;
}

Deno.test("Checkpointer keeps the log small under single posts", () =>
  withCheckpointer(({ post, logSize }) => {
    let largest = 0;
    for (let round = 0; round < 30; round++) {
      post(100);
      largest = Math.max(largest, logSize());
    }
    // 3000 posts of 3000 bytes take five pages each: 60 MB.
    assert(largest < BOUND / 2, `${largest} bytes`);
  }));

Deno.test("Checkpointer lets the log start over although others read all the time", () =>
  withCheckpointer(({ path, post, logSize }) => {
    for (let round = 0; round < 30; round++) {
      const reader = startReading(path);
      post(20);
      reader.exec("COMMIT");
      reader.close();
      post(80);
    }
    assert(logSize() < BOUND, `${logSize()} bytes`);
  }));

Deno.test("Checkpointer reports once that another program keeps the log, and empties it afterwards", () =>
  withCheckpointer(({ path, post, checkpointer, logSize }) => {
    post(10);
    const reader = startReading(path);
    const cannot = "cannot be emptied while another program is reading hubbub.db";
    assertThrows(() => post(2000), Error, cannot);
    post(400);
    assert(logSize() > BOUND);
    reader.close();
    post(400);
    assert(logSize() < BOUND, `${logSize()} bytes`);
    // The next time it is reported again.
    const again = startReading(path);
    assertThrows(() => post(3000), Error, cannot);
    again.close();
    checkpointer.written(10_000);
    post(1);
    assert(logSize() < BOUND, `${logSize()} bytes`);
  }));

Deno.test("Writer.commit() finds the database busy while a checkpoint keeps it, and has written nothing", () =>
  withCheckpointer(({ path, writer }) => {
    const other = new DatabaseSync(path);
    other.exec("BEGIN IMMEDIATE");
    assertThrows(() => writer.commit([message("lobby", "x")]), BusyError);
    other.exec("ROLLBACK");
    other.close();
    assertEquals(writer.commit([message("lobby", "y")]), [1]);
  }));

Deno.test("SqliteStore.commit() waits for the database without blocking, in the order of the calls", () =>
  withDir(async (dir) => {
    const store = await openStore(dir);
    const other = new DatabaseSync(join(dir, "hubbub.db"));
    other.exec("BEGIN IMMEDIATE");
    const first = say(store, "lobby", "1", "2");
    const second = store.noteTime(1);
    const third = say(store, "lobby", "3");
    await new Promise((resolve) => setTimeout(resolve));
    assertEquals((await store.read("lobby", { limit: 9 })).last, 0);
    other.exec("ROLLBACK");
    other.close();
    assertEquals(await Promise.all([first, second, third]), [[1, 2], undefined, [3]]);
    await store.close();
  }));

function sizeOf(dir: string): number {
  return Deno.statSync(join(dir, "hubbub.db")).size;
}

Deno.test("SqliteStore.retain() gives the space of what it removes back to the disk", () =>
  withDir(async (dir) => {
    const store = await openStore(dir);
    const text = "x".repeat(2000);
    for (let n = 0; n < 20; n++) {
      await store.commit(Array.from({ length: 200 }, () => message("lobby", text)));
    }
    await store.close();
    const full = sizeOf(dir);
    assert(full > 8_000_000, `${full} bytes`);
    const again = await openStore(dir);
    assertEquals(await again.retain({ maxMessages: 100 }, 0), 3900);
    await again.close();
    const left = sizeOf(dir);
    assert(left < full / 4, `${left} of ${full} bytes`);
  }));

Deno.test("openSqliteStore() has the database of an earlier version shrink too", () =>
  withDir(async (dir) => {
    const path = join(dir, "hubbub.db");
    const old = new DatabaseSync(path);
    migrate(old, path, MIGRATIONS.slice(0, 2));
    assertEquals(old.prepare("PRAGMA auto_vacuum").get()?.["auto_vacuum"], 0);
    old.close();
    await (await openStore(dir)).close();
    const db = new DatabaseSync(path);
    assertEquals(db.prepare("PRAGMA auto_vacuum").get()?.["auto_vacuum"], 2);
    db.close();
  }));

Deno.test("enableIncrementalVacuum() leaves a database as it is if the disk is full", () =>
  withDir((dir) => {
    const path = join(dir, "hubbub.db");
    const db = new DatabaseSync(path);
    db.exec("CREATE TABLE kept (text); INSERT INTO kept VALUES (zeroblob(100000))");
    // The account of the pages takes one more.
    db.exec("PRAGMA max_page_count = 1");
    assertThrows(() => enableIncrementalVacuum(db), Error, "full");
    assertEquals(db.prepare("SELECT length(text) AS n FROM kept").get()?.["n"], 100_000);
    db.close();
    return Promise.resolve();
  }));

Deno.test({
  name: "openSqliteStore() creates a directory and files that only its user may read",
  ignore: Deno.build.os === "windows",
  fn: () =>
    withDir(async (parent) => {
      const umask = Deno.umask(0);
      try {
        const dir = join(parent, "data");
        const store = await openStore(dir);
        await say(store, "lobby", "x");
        const mode = (path: string) => (Deno.statSync(path).mode ?? 0) & 0o777;
        assertEquals(mode(dir), 0o700);
        for (const name of ["hubbub.db", "hubbub.db-wal", "hubbub.db-shm", "hubbub.lock"]) {
          assertEquals(mode(join(dir, name)), 0o600, name);
        }
        await store.close();
      } finally {
        Deno.umask(umask);
      }
    }),
});
