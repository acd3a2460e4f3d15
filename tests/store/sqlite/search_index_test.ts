/** The search index across restarts, crashes and losses. */
import { assert, assertEquals, assertRejects } from "../../support/assert.ts";
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrate } from "../../../sqlite/migrate.ts";
import { connectLogWriter } from "../../../store/sqlite/connect.ts";
import type { FromReader } from "../../../store/sqlite/reader_messages.ts";
import { ReaderService } from "../../../store/sqlite/reader_service.ts";
import { MIGRATIONS } from "../../../store/sqlite/schema.ts";
import { Writer } from "../../../store/sqlite/writer.ts";
import type { Query, StoredMessage } from "../../../store/store.ts";
import { ANN, message } from "../conformance.ts";
import { withDir } from "./harness.ts";

/** A writer and a reader without a thread. */
class Setup {
  writer!: Writer;
  service!: ReaderService;
  posted: FromReader[] = [];
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
    migrate(db, main, MIGRATIONS);
    this.writer = new Writer(db);
    const { epoch } = this.writer;
    const options = { main, search: this.path("search.db"), epoch, start: this.writer.position() };
    this.service = new ReaderService(options, (message) => this.posted.push(message));
  }

  async close(): Promise<void> {
    await this.service.answer({ id: 0, kind: "close", ask: undefined });
    this.writer.close();
  }

  async reopen(): Promise<void> {
    await this.close();
    this.open();
  }

  say(room: string, ...texts: string[]): void {
    this.writer.commit(texts.map((text) => message(room, text)));
  }

  /** Updates the index, and passes its events on as the store does. */
  async update(rows = 0): Promise<void> {
    await this.service.written(rows);
    for (const message of this.posted) {
      if (message.kind === "indexed") this.writer.forgetChanges(message.change);
    }
  }

  async search(query: Partial<Query> & { words: string }): Promise<StoredMessage[]> {
    const ask = { limit: 50, ...query };
    return await this.service.answer({ id: 0, kind: "search", ask }) as StoredMessage[];
  }

  /** The texts that a search finds after the index is updated. */
  async find(words: string): Promise<string[]> {
    await this.update();
    return (await this.search({ words })).map(({ content }) => content);
  }
}

function withSetup(run: (setup: Setup) => Promise<void>): Promise<void> {
  return withDir(async (dir) => {
    const setup = new Setup(dir);
    setup.open();
    try {
      await run(setup);
    } finally {
      await setup.close();
    }
  });
}

Deno.test("ReaderService catches up with what was written while it was closed", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple one");
    assertEquals(await setup.find("apple"), ["apple one"]);
    setup.say("lobby", ...Array.from({ length: 999 }, (_, index) => `pear ${index}`), "apple two");
    await setup.reopen();
    assertEquals(await setup.find("apple"), ["apple two", "apple one"]);
    assertEquals((await setup.search({ words: "pear", limit: 2000 })).length, 999);
  }));

Deno.test("ReaderService recreates a deleted index", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple one", "apple two");
    assertEquals(await setup.find("apple"), ["apple two", "apple one"]);
    setup.writer.commit([
      { kind: "edit", room: "lobby", seq: 1, content: "fig", time: 1, by: ANN },
    ]);
    await setup.close();
    Deno.removeSync(setup.path("search.db"));
    setup.open();
    assertEquals(await setup.find("apple"), ["apple two"]);
    assertEquals(await setup.find("fig"), ["fig"]);
  }));

Deno.test("ReaderService recreates an index that is not a database, or has another format or epoch", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple");
    const spoil = (sql: string) => {
      const db = new DatabaseSync(setup.path("search.db"));
      db.exec(sql);
      db.close();
    };
    const wrongs = [
      () => Deno.writeTextFileSync(setup.path("search.db"), "no database ".repeat(1000)),
      () => spoil("PRAGMA user_version = 99"),
      () => spoil("UPDATE state SET epoch = 'another'"),
      () => spoil("DROP TABLE state"),
      () => spoil("UPDATE state SET next = 1000"),
      () => spoil("UPDATE state SET change = 1000"),
    ];
    for (const wrong of wrongs) {
      assertEquals(await setup.find("apple"), ["apple"]);
      await setup.close();
      wrong();
      spoilEntries(setup.path("search.db"));
      setup.open();
    }
    assertEquals(await setup.find("apple"), ["apple"]);
  }));

/** Removes the entries of an index, if it has any: finding them again proves that it was recreated. */
function spoilEntries(path: string): void {
  const db = new DatabaseSync(path);
  try {
    db.exec("DELETE FROM entries");
  } catch {
    // No longer a database.
  }
  db.close();
}

Deno.test("ReaderService recreates an index that missed changes which are gone", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple one", "apple two");
    await setup.update();
    await setup.close();
    Deno.copyFileSync(setup.path("search.db"), setup.path("old.db"));
    setup.open();
    setup.writer.commit([{ kind: "delete", room: "lobby", seq: 1, by: ANN }]);
    await setup.update();
    setup.say("lobby", "this commit removes the change");
    await setup.close();
    Deno.copyFileSync(setup.path("old.db"), setup.path("search.db"));
    setup.open();
    await setup.update();
    const db = new DatabaseSync(setup.path("search.db"), { readOnly: true });
    const left = db.prepare("SELECT count(*) AS n FROM entries WHERE entries MATCH 'apple'").get();
    db.close();
    assertEquals(left?.["n"], 1);
    assertEquals(await setup.find("apple"), ["apple two"]);
  }));

Deno.test("ReaderService indexes edits, deletions and removals of messages that it has and has not indexed", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple 1", "apple 2", "apple 3", "apple 4");
    await setup.update();
    setup.say("lobby", "apple 5", "apple 6");
    setup.writer.commit([
      { kind: "edit", room: "lobby", seq: 2, content: "fig 2", time: 1, by: ANN },
      { kind: "edit", room: "lobby", seq: 5, content: "fig 5", time: 1, by: ANN },
      { kind: "delete", room: "lobby", seq: 3, by: ANN },
      { kind: "delete", room: "lobby", seq: 6, by: ANN },
    ]);
    const progress = { removed: 0, roomId: 0, done: false };
    while (!progress.done) setup.writer.retain({ maxMessages: 5 }, 0, progress);
    assertEquals(await setup.find("apple"), ["apple 4"]);
    assertEquals(await setup.find("fig"), ["fig 5", "fig 2"]);
    assertEquals(setup.posted, [{ kind: "indexed", change: 5 }]);
  }));

Deno.test("ReaderService marks what is in hidden rooms, whenever they become private or public", () =>
  withSetup(async (setup) => {
    const set = (room: string, isPrivate: boolean) =>
      setup.writer.commit([{ kind: "room", room, private: isPrivate, topic: "" }]);
    const hidden = async () => {
      await setup.update();
      const db = new DatabaseSync(setup.path("search.db"), { readOnly: true });
      const rows = db.prepare(`SELECT rowid AS id FROM entries WHERE entries MATCH '"#hidden"'`);
      const ids = rows.all().map(({ id }) => id);
      db.close();
      return ids;
    };
    set("den", true);
    setup.say("den", "1");
    setup.say("lobby", "2");
    setup.say("@a:b", "3");
    setup.say("lobby", "4");
    assertEquals(await hidden(), [1, 3]);
    set("lobby", true);
    setup.say("lobby", "5");
    assertEquals(await hidden(), [1, 2, 3, 4, 5]);
    set("lobby", true);
    assertEquals(setup.writer.position().change, 2);
    set("den", false);
    set("lobby", false);
    assertEquals(await hidden(), [3]);
  }));

Deno.test("ReaderService indexes hundreds of changes in steps", () =>
  withSetup(async (setup) => {
    setup.say("lobby", ...Array.from({ length: 300 }, (_, index) => `apple ${index}`));
    await setup.update();
    setup.writer.commit(
      Array.from({ length: 299 }, (_, index) => {
        return { kind: "delete", room: "lobby", seq: index + 1, by: ANN } as const;
      }),
    );
    assertEquals(await setup.find("apple"), ["apple 299"]);
    const db = new DatabaseSync(setup.path("hubbub.db"), { readOnly: true });
    const count = () => db.prepare("SELECT count(*) AS n FROM changes").get()?.["n"];
    assertEquals(count(), 299);
    setup.say("lobby", "a commit after the update removes the changes");
    assertEquals(count(), 0);
    db.close();
  }));

Deno.test("ReaderService does not find messages that changed since the last update", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple one", "apple two");
    await setup.update();
    setup.writer.commit([
      { kind: "edit", room: "lobby", seq: 1, content: "fig", time: 1, by: ANN },
    ]);
    assertEquals((await setup.search({ words: "apple" })).map(({ seq }) => seq), [2]);
    const progress = { removed: 0, roomId: 0, done: false };
    while (!progress.done) setup.writer.retain({ maxMessages: 0 }, 0, progress);
    assertEquals(await setup.search({ words: "apple" }), []);
  }));

Deno.test("ReaderService reports once that it is stuck, and recovers when it can", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple");
    Deno.mkdirSync(setup.path("search.db"));
    await setup.update();
    await setup.update();
    assertEquals(setup.posted.length, 1);
    assertEquals(setup.posted[0]?.kind, "stuck");
    await assertRejects(() => setup.search({ words: "apple" }), Error, "unable to open");
    const read = { room: "lobby", range: { limit: 5 } };
    const page = await setup.service.answer({ id: 0, kind: "read", ask: read });
    assert(typeof page === "object" && "last" in page && page.last === 1);
    Deno.removeSync(setup.path("search.db"));
    assertEquals(await setup.find("apple"), ["apple"]);
    setup.posted = [];
    await setup.update();
    assertEquals(setup.posted, []);
  }));

Deno.test("ReaderService recreates an index that becomes corrupt while it is open", () =>
  withSetup(async (setup) => {
    setup.say("lobby", ...Array.from({ length: 500 }, (_, index) => `apple ${index}`));
    await setup.update();
    await setup.reopen();
    await setup.update();
    // All but the first page, which identifies the file as a database.
    const size = Deno.statSync(setup.path("search.db")).size;
    const file = Deno.openSync(setup.path("search.db"), { write: true });
    file.seekSync(4096, Deno.SeekMode.Start);
    file.writeSync(new Uint8Array(size - 4096).fill(0x5a));
    file.close();
    await assertRejects(() => setup.search({ words: "apple" }), Error);
    assertEquals((await setup.find("apple")).length, 50);
  }));

Deno.test("ReaderService makes a checkpoint after thousands of rows", () =>
  withSetup(async (setup) => {
    setup.say("lobby", "apple");
    await setup.update(1);
    const before = Deno.statSync(setup.path("hubbub.db")).size;
    setup.say("lobby", "x".repeat(100_000));
    await setup.update(3998);
    assertEquals(Deno.statSync(setup.path("hubbub.db")).size, before);
    await setup.update(1);
    assert(Deno.statSync(setup.path("hubbub.db")).size > before + 100_000);
  }));

Deno.test("SearchIndex.search() yields to other questions", () =>
  withSetup(async (setup) => {
    // Each contains both pairs of characters, and none the word.
    setup.say("lobby", ...Array.from({ length: 5000 }, () => "中文。文字"));
    await setup.update();
    const order: string[] = [];
    const search = setup.search({ words: "中文字" }).then((found) => {
      order.push("search");
      return found;
    });
    await new Promise<void>((resolve) => setTimeout(resolve)).then(() => order.push("other"));
    assertEquals(await search, []);
    assertEquals(order, ["other", "search"]);
  }));
