/** The search index over restarts, crashes and losses. */
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { connectLogWriter } from "../../../store/sqlite/connection.ts";
import type { FromReader } from "../../../store/sqlite/reader_messages.ts";
import { Reading } from "../../../store/sqlite/reading.ts";
import { migrate } from "../../../store/sqlite/schema.ts";
import { Writer } from "../../../store/sqlite/writer.ts";
import type { Query, StoredMessage } from "../../../store/store.ts";
import { message } from "../conformance.ts";
import { withDir } from "../sqlite_bench.ts";

/** A writer and a reader without their threads. */
class Bench {
  writer!: Writer;
  reading!: Reading;
  told: FromReader[] = [];
  #dir: string;

  constructor(dir: string) {
    this.#dir = dir;
  }

  path(name: string): string {
    return join(this.#dir, name);
  }

  open(): void {
    const main = this.path("hubbub.db");
    const db = connectLogWriter(main, "off");
    migrate(db, main);
    this.writer = new Writer(db);
    const { epoch } = this.writer;
    const options = { main, search: this.path("search.db"), epoch, start: this.writer.position() };
    this.reading = new Reading(options, (message) => this.told.push(message));
  }

  async close(): Promise<void> {
    await this.reading.answer({ id: 0, kind: "close", ask: undefined });
    this.writer.close();
  }

  async reopen(): Promise<void> {
    await this.close();
    this.open();
  }

  say(room: string, ...texts: string[]): void {
    this.writer.commit(texts.map((text) => message(room, text)));
  }

  /** Lets the index follow, and passes on what it tells, as the store does. */
  async follow(rows = 0): Promise<void> {
    await this.reading.written(rows);
    for (const message of this.told) {
      if (message.kind === "followed") this.writer.forgetChanges(message.change);
    }
  }

  async search(query: Partial<Query> & { words: string }): Promise<StoredMessage[]> {
    const ask = { limit: 50, ...query };
    return await this.reading.answer({ id: 0, kind: "search", ask }) as StoredMessage[];
  }

  /** The texts that a search finds after the index has followed. */
  async find(words: string): Promise<string[]> {
    await this.follow();
    return (await this.search({ words })).map(({ content }) => content);
  }
}

function withBench(run: (bench: Bench) => Promise<void>): Promise<void> {
  return withDir(async (dir) => {
    const bench = new Bench(dir);
    bench.open();
    try {
      await run(bench);
    } finally {
      await bench.close();
    }
  });
}

Deno.test("Reading catches up with what was written while nobody followed", () =>
  withBench(async (bench) => {
    bench.say("lobby", "apple one");
    assertEquals(await bench.find("apple"), ["apple one"]);
    bench.say("lobby", ...Array.from({ length: 999 }, (_, index) => `pear ${index}`), "apple two");
    await bench.reopen();
    assertEquals(await bench.find("apple"), ["apple two", "apple one"]);
    assertEquals((await bench.search({ words: "pear", limit: 2000 })).length, 999);
  }));

Deno.test("Reading makes a deleted index anew", () =>
  withBench(async (bench) => {
    bench.say("lobby", "apple one", "apple two");
    assertEquals(await bench.find("apple"), ["apple two", "apple one"]);
    bench.writer.commit([
      { kind: "edit", room: "lobby", seq: 1, content: "fig", time: 1, by: "any" },
    ]);
    await bench.close();
    Deno.removeSync(bench.path("search.db"));
    bench.open();
    assertEquals(await bench.find("apple"), ["apple two"]);
    assertEquals(await bench.find("fig"), ["fig"]);
  }));

Deno.test("Reading makes an index anew that is no database, or of another format or epoch", () =>
  withBench(async (bench) => {
    bench.say("lobby", "apple");
    const spoil = (sql: string) => {
      const db = new DatabaseSync(bench.path("search.db"));
      db.exec(sql);
      db.close();
    };
    const wrongs = [
      () => Deno.writeTextFileSync(bench.path("search.db"), "no database ".repeat(1000)),
      () => spoil("PRAGMA user_version = 99"),
      () => spoil("UPDATE state SET epoch = 'another'"),
      () => spoil("DROP TABLE state"),
      () => spoil("UPDATE state SET next = 1000"),
      () => spoil("UPDATE state SET change = 1000"),
    ];
    for (const wrong of wrongs) {
      assertEquals(await bench.find("apple"), ["apple"]);
      await bench.close();
      wrong();
      spoilEntries(bench.path("search.db"));
      bench.open();
    }
    assertEquals(await bench.find("apple"), ["apple"]);
  }));

/** Takes the entries out of an index, where there are any: finding them again shows that it was made anew. */
function spoilEntries(path: string): void {
  const db = new DatabaseSync(path);
  try {
    db.exec("DELETE FROM entries");
  } catch {
    // Not a database any more.
  }
  db.close();
}

Deno.test("Reading makes an index anew that has missed changes which are gone", () =>
  withBench(async (bench) => {
    bench.say("lobby", "apple one", "apple two");
    await bench.follow();
    await bench.close();
    Deno.copyFileSync(bench.path("search.db"), bench.path("old.db"));
    bench.open();
    bench.writer.commit([{ kind: "delete", room: "lobby", seq: 1, by: "any" }]);
    await bench.follow();
    bench.say("lobby", "this commit forgets the change");
    await bench.close();
    Deno.copyFileSync(bench.path("old.db"), bench.path("search.db"));
    bench.open();
    await bench.follow();
    const db = new DatabaseSync(bench.path("search.db"), { readOnly: true });
    const left = db.prepare("SELECT count(*) AS n FROM entries WHERE entries MATCH 'apple'").get();
    db.close();
    assertEquals(left?.["n"], 1);
    assertEquals(await bench.find("apple"), ["apple two"]);
  }));

Deno.test("Reading follows edits, deletions and removals of what it has and has not seen", () =>
  withBench(async (bench) => {
    bench.say("lobby", "apple 1", "apple 2", "apple 3", "apple 4");
    await bench.follow();
    bench.say("lobby", "apple 5", "apple 6");
    bench.writer.commit([
      { kind: "edit", room: "lobby", seq: 2, content: "fig 2", time: 1, by: "any" },
      { kind: "edit", room: "lobby", seq: 5, content: "fig 5", time: 1, by: "any" },
      { kind: "delete", room: "lobby", seq: 3, by: "any" },
      { kind: "delete", room: "lobby", seq: 6, by: "any" },
    ]);
    const progress = { removed: 0, room: 0, done: false };
    while (!progress.done) bench.writer.retain({ maxMessages: 5 }, 0, progress);
    assertEquals(await bench.find("apple"), ["apple 4"]);
    assertEquals(await bench.find("fig"), ["fig 5", "fig 2"]);
    assertEquals(bench.told, [{ kind: "followed", change: 5 }]);
  }));

Deno.test("Reading takes in hundreds of changes in steps", () =>
  withBench(async (bench) => {
    bench.say("lobby", ...Array.from({ length: 300 }, (_, index) => `apple ${index}`));
    await bench.follow();
    bench.writer.commit(
      Array.from({ length: 299 }, (_, index) => {
        return { kind: "delete", room: "lobby", seq: index + 1, by: "any" } as const;
      }),
    );
    assertEquals(await bench.find("apple"), ["apple 299"]);
    const db = new DatabaseSync(bench.path("hubbub.db"), { readOnly: true });
    const count = () => db.prepare("SELECT count(*) AS n FROM changes").get()?.["n"];
    assertEquals(count(), 299);
    bench.say("lobby", "a commit after the index has followed forgets the changes");
    assertEquals(count(), 0);
    db.close();
  }));

Deno.test("Reading finds no message that was changed since the index followed", () =>
  withBench(async (bench) => {
    bench.say("lobby", "apple one", "apple two");
    await bench.follow();
    bench.writer.commit([
      { kind: "edit", room: "lobby", seq: 1, content: "fig", time: 1, by: "any" },
    ]);
    assertEquals((await bench.search({ words: "apple" })).map(({ seq }) => seq), [2]);
    const progress = { removed: 0, room: 0, done: false };
    while (!progress.done) bench.writer.retain({ maxMessages: 0 }, 0, progress);
    assertEquals(await bench.search({ words: "apple" }), []);
  }));

Deno.test("Reading tells once that it is stuck, and follows again when it can", () =>
  withBench(async (bench) => {
    bench.say("lobby", "apple");
    Deno.mkdirSync(bench.path("search.db"));
    await bench.follow();
    await bench.follow();
    assertEquals(bench.told.length, 1);
    assertEquals(bench.told[0]?.kind, "stuck");
    await assertRejects(() => bench.search({ words: "apple" }), Error, "unable to open");
    const read = { room: "lobby", range: { limit: 5 } };
    const page = await bench.reading.answer({ id: 0, kind: "read", ask: read });
    assert(typeof page === "object" && "last" in page && page.last === 1);
    Deno.removeSync(bench.path("search.db"));
    assertEquals(await bench.find("apple"), ["apple"]);
    bench.told = [];
    await bench.follow();
    assertEquals(bench.told, []);
  }));

Deno.test("Reading makes an index anew that breaks while it is open", () =>
  withBench(async (bench) => {
    bench.say("lobby", ...Array.from({ length: 500 }, (_, index) => `apple ${index}`));
    await bench.follow();
    await bench.reopen();
    await bench.follow();
    // All but the first page, which says that this is a database.
    const size = Deno.statSync(bench.path("search.db")).size;
    const file = Deno.openSync(bench.path("search.db"), { write: true });
    file.seekSync(4096, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(size - 4096).fill(0x5a));
    file.close();
    await assertRejects(() => bench.search({ words: "apple" }), Error);
    assertEquals((await bench.find("apple")).length, 50);
  }));

Deno.test("Reading copies the log into the database after thousands of rows", () =>
  withBench(async (bench) => {
    bench.say("lobby", "apple");
    await bench.follow(1);
    const before = Deno.statSync(bench.path("hubbub.db")).size;
    bench.say("lobby", "x".repeat(100_000));
    await bench.follow(3998);
    assertEquals(Deno.statSync(bench.path("hubbub.db")).size, before);
    await bench.follow(1);
    assert(Deno.statSync(bench.path("hubbub.db")).size > before + 100_000);
  }));

Deno.test("SearchIndex.search() gives way to other questions", () =>
  withBench(async (bench) => {
    // Each holds both pairs of characters, and none the word.
    bench.say("lobby", ...Array.from({ length: 5000 }, () => "中文。文字"));
    await bench.follow();
    const order: string[] = [];
    const search = bench.search({ words: "中文字" }).then((found) => {
      order.push("search");
      return found;
    });
    await new Promise<void>((resolve) => setTimeout(resolve)).then(() => order.push("other"));
    assertEquals(await search, []);
    assertEquals(order, ["other", "search"]);
  }));
