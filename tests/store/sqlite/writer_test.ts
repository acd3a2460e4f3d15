import { assert, assertEquals, assertThrows } from "../../support/assert.ts";
import { join } from "node:path";
import { type DatabaseSync, StatementSync } from "node:sqlite";
import { LostWriteError } from "../../../sqlite/data_error.ts";
import { migrate } from "../../../sqlite/migrate.ts";
import { connectLogWriter } from "../../../store/sqlite/connect.ts";
import { History } from "../../../store/sqlite/history.ts";
import { MIGRATIONS } from "../../../store/sqlite/schema.ts";
import { Writer } from "../../../store/sqlite/writer.ts";
import { ANN, message } from "../conformance.ts";
import { withDir } from "./harness.ts";

interface Setup {
  db: DatabaseSync;
  writer: Writer;
  /** The texts of a room. */
  texts: (room: string) => string[];
}

function withWriter(run: (setup: Setup) => void): Promise<void> {
  return withDir((dir) => {
    const path = join(dir, "hubbub.db");
    const db = connectLogWriter(path, "full");
    migrate(db, path, MIGRATIONS);
    const writer = new Writer(db);
    const history = new History(db);
    const texts = (room: string) =>
      history.read(room, { limit: 1e6 }).messages.map(({ content }) => content);
    try {
      run({ db, writer, texts });
    } finally {
      writer.close();
    }
    return Promise.resolve();
  });
}

/** Lets the database grow by at most so many pages, like a disk that is nearly full. */
function limitGrowth(db: DatabaseSync, pages: number): void {
  const now = Number(db.prepare("PRAGMA page_count").get()?.["page_count"]);
  db.exec(`PRAGMA max_page_count = ${now + pages}`);
}

Deno.test("Writer.commit() commits nothing of a batch that fills the disk, and then works again", () =>
  withWriter(({ db, writer, texts }) => {
    writer.commit([message("lobby", "one", { id: "i1" })]);
    limitGrowth(db, 5);
    const big = Array.from(
      { length: 50 },
      (_, index) => message(index % 2 ? "lobby" : "other", "x".repeat(4000), { id: `big${index}` }),
    );
    const full = "Cannot write to the database: database or disk is full";
    for (let attempt = 0; attempt < 3; attempt++) {
      const first = message("lobby", "committed with the rest or not at all", { id: "i2" });
      assertThrows(() => writer.commit([first, ...big]), Error, full);
      assertEquals(texts("lobby"), ["one"]);
      assertEquals(texts("other"), []);
    }
    assertEquals(writer.commit([message("lobby", "small still fits", { id: "i2" })]), [2]);
    db.exec("PRAGMA max_page_count = 100000");
    const outcomes = writer.commit(big);
    assertEquals(outcomes.slice(0, 4), [1, 3, 2, 4]);
    assertEquals(texts("lobby").length, 27);
    assertEquals(texts("other").length, 25);
  }));

Deno.test("Writer.commit() rolls back changes to earlier messages with the rest of a failed batch", () =>
  withWriter(({ db, writer, texts }) => {
    writer.commit([message("lobby", "one"), message("lobby", "two")]);
    limitGrowth(db, 2);
    assertThrows(() =>
      writer.commit([
        { kind: "edit", room: "lobby", seq: 1, content: "edited", time: 1, by: ANN },
        { kind: "delete", room: "lobby", seq: 2, by: ANN },
        message("lobby", "x".repeat(100_000)),
      ])
    );
    assertEquals(texts("lobby"), ["one", "two"]);
    assertEquals(writer.commit([message("lobby", "three")]), [3]);
  }));

Deno.test("Writer.retain() does not count what a failed step rolled back", () =>
  withWriter(({ db, writer, texts }) => {
    writer.commit(["1", "2", "3", "4"].map((text) => message("lobby", text)));
    db.exec("CREATE TRIGGER fail BEFORE DELETE ON runs BEGIN SELECT RAISE(ABORT, 'no'); END");
    const progress = { removed: 0, roomId: 0, done: false };
    assertThrows(() => writer.retain({ maxMessages: 1 }, 0, progress), Error, "no");
    assertEquals(progress, { removed: 0, roomId: 0, done: false });
    assertEquals(texts("lobby"), ["1", "2", "3", "4"]);
    db.exec("DROP TRIGGER fail");
    while (!progress.done) writer.retain({ maxMessages: 1 }, 0, progress);
    assertEquals(progress.removed, 3);
    assertEquals(texts("lobby"), ["4"]);
  }));

Deno.test("Writer.commit() continues numbering after it has cleared its cache of rooms", () =>
  withWriter(({ writer, texts }) => {
    const rooms = Array.from({ length: 10_001 }, (_, index) => `room-${index}`);
    writer.commit(rooms.map((room) => message(room, "1", { from: room })));
    const outcomes = writer.commit(rooms.map((room) => message(room, "2", { from: room })));
    assert(outcomes.every((outcome) => outcome === 2));
    assertEquals(writer.commit([message("room-0", "3")]), [3]);
    assertEquals(texts("room-0"), ["1", "2", "3"]);
  }));

Deno.test("Writer.commit() writes segments that are read back whole, for messages of any size", () =>
  withWriter(({ writer, texts }) => {
    const sizes = [1, 20_000, 1, 16_384, 16_384, 8000, 8000, 8000, 5];
    const batch = sizes.map((size, index) => `${index}`.padEnd(size, "."));
    writer.commit(batch.map((text) => message("lobby", text)));
    assertEquals(texts("lobby"), batch);
  }));

Deno.test("Writer.commit() refuses a message beyond a room's last seq", () =>
  withWriter(({ db, writer }) => {
    writer.commit([message("lobby", "one")]);
    db.exec(`UPDATE rooms SET last = ${2 ** 32 - 2}`);
    const again = new Writer(db);
    assertEquals(again.commit([message("lobby", "last")]), [2 ** 32 - 1]);
    assertThrows(() => again.commit([message("lobby", "more")]), Error, 'Room "lobby" is full');
  }));

Deno.test("Writer.commit() refuses a room beyond the last room id", () =>
  withWriter(({ db, writer }) => {
    db.exec(`INSERT INTO rooms (number, name, last, first) VALUES (${2 ** 21 - 1}, 'last', 1, 2)`);
    const full = "There are 2097151 rooms already";
    assertThrows(() => writer.commit([message("more", "x")]), Error, full);
    assertEquals(writer.commit([message("last", "x")]), [2]);
  }));

Deno.test("Writer.position() does not go back when the newest messages are removed", () =>
  withWriter(({ db, writer }) => {
    writer.commit([message("lobby", "one"), message("lobby", "two")]);
    writer.retain({ maxMessages: 0 }, 0, { removed: 0, roomId: 0, done: false });
    assertEquals(writer.position(), { nextId: 3, change: 1 });
    assertEquals(new Writer(db).position(), { nextId: 3, change: 1 });
  }));

/** Has `COMMIT` fail as if the system had refused it, until what is returned is disposed of. */
function failCommits(reason: string): Disposable {
  const { prototype } = StatementSync;
  const { run } = prototype;
  prototype.run = function (this: StatementSync, ...values: unknown[]) {
    if (this.sourceSQL === "COMMIT") throw new Error(reason);
    return Reflect.apply(run, this, values);
  };
  return {
    [Symbol.dispose]() {
      prototype.run = run;
    },
  };
}

for (const reason of ["disk I/O error", "database disk image is malformed"]) {
  Deno.test(`Writer.commit() cannot tell what was kept when a commit fails: ${reason}`, () =>
    withWriter(({ writer }) => {
      using _failing = failCommits(reason);
      assertThrows(() => writer.commit([message("lobby", "x")]), LostWriteError, reason);
    }));
}

Deno.test("Writer.commit() has kept nothing when the disk is full at the end", () =>
  withWriter(({ writer, texts }) => {
    {
      using _failing = failCommits("database or disk is full");
      const commit = () => writer.commit([message("lobby", "x")]);
      assert(!(assertThrows(commit, Error, "disk is full") instanceof LostWriteError));
    }
    assertEquals(writer.commit([message("lobby", "y")]), [1]);
    assertEquals(texts("lobby"), ["y"]);
  }));

Deno.test("Writer.commit() goes on with the changes' numbers after a failed batch", () =>
  withWriter(({ db, writer }) => {
    const edit = { kind: "edit", room: "lobby", seq: 1, content: "x", time: 1, by: ANN } as const;
    writer.commit([message("lobby", "one")]);
    assertEquals(writer.commit([edit, edit]), [{ change: 1 }, { change: 2 }]);
    {
      using _failing = failCommits("database or disk is full");
      assertThrows(() => writer.commit([edit]), Error, "full");
    }
    assertEquals(writer.commit([edit]), [{ change: 3 }]);
    assertEquals(new Writer(db).commit([edit]), [{ change: 4 }]);
  }));

Deno.test("Writer.commit() records how far a room had got, once in a run, whatever the cache forgets", () =>
  withWriter(({ db, writer }) => {
    writer.commit([message("lobby", "1"), message("lobby", "2")]);
    const second = new Writer(db);
    second.commit([message("lobby", "3", { id: "i" })]);
    // A resend, and more rooms than are cached, have the writer read everything anew.
    second.commit([message("lobby", "3", { id: "i" })]);
    second.commit(Array.from({ length: 10_001 }, (_, index) => message(`room-${index}`, "x")));
    second.commit([message("lobby", "4")]);
    const rows = db.prepare(
      `SELECT start, room_starts.last AS last FROM room_starts JOIN rooms ON number = room
       WHERE name = 'lobby' ORDER BY start`,
    ).all();
    assertEquals(rows.map(({ start, last }) => [start, last]), [[1, 0], [2, 2]]);
  }));

Deno.test("Writer forgets the oldest of a thousand runs", () =>
  withWriter(({ db, writer }) => {
    writer.commit([message("lobby", "1")]);
    const first = writer.start.run;
    db.exec(
      `WITH RECURSIVE more (n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM more WHERE n < 999)
       INSERT INTO starts (id, time) SELECT n, 0 FROM more`,
    );
    new Writer(db);
    const known = db.prepare("SELECT count(*) AS n, min(start) AS first FROM starts").get();
    assertEquals({ ...known }, { n: 1000, first: 2 });
    assertEquals(db.prepare("SELECT 1 FROM starts WHERE id = ?").get(first), undefined);
    assertEquals(db.prepare("SELECT 1 FROM room_starts").get(), undefined);
  }));
