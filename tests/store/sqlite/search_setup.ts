/**
 * A writer and the reader that searches, without a thread.
 *
 * @module
 */
import { join } from "node:path";
import { DatabaseSync } from "node:sqlite";
import { migrate } from "../../../sqlite/migrate.ts";
import { connectLogWriter } from "../../../store/sqlite/connect.ts";
import type { FromReader } from "../../../store/sqlite/reader_messages.ts";
import { SearchReader } from "../../../store/sqlite/reader_search.ts";
import { MIGRATIONS } from "../../../store/sqlite/schema.ts";
import type { SearchIndexOptions } from "../../../store/sqlite/search_index.ts";
import { Writer } from "../../../store/sqlite/writer.ts";
import type { Found, Query } from "../../../store/store.ts";
import { message } from "../conformance.ts";
import { withDir } from "./harness.ts";

/** What a test works with. */
export class Setup {
  writer!: Writer;
  reader!: SearchReader;
  /** What the reader has posted. */
  posted: FromReader[] = [];
  #dir: string;
  #options: SearchIndexOptions;

  constructor(dir: string, options: SearchIndexOptions) {
    this.#dir = dir;
    this.#options = options;
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
    const start = this.writer.position();
    const options = { role: "search", main, search: this.path("search.db"), epoch, start } as const;
    this.reader = new SearchReader(options, (message) => this.posted.push(message), this.#options);
  }

  async close(): Promise<void> {
    await this.reader.close();
    this.writer.close();
  }

  async reopen(): Promise<void> {
    await this.close();
    this.open();
  }

  say(room: string, ...texts: string[]): void {
    this.writer.commit(texts.map((text) => message(room, text)));
  }

  /** Removes all but the newest messages of each room. */
  retain(maxMessages: number): void {
    const progress = { removed: 0, roomId: 0, done: false };
    while (!progress.done) this.writer.retain({ maxMessages }, 0, progress);
  }

  /** Updates the index, and passes its events on as the store does. */
  async update(pages = 0): Promise<void> {
    await this.reader.written(pages);
    for (const message of this.posted) {
      if (message.kind === "indexed") this.writer.forgetChanges(message.change);
    }
  }

  async search(word: string, rest: Partial<Query> = {}): Promise<Found> {
    const ask = { text: { words: [word], phrases: [] }, limit: 50, ...rest };
    return await this.reader.answer({ id: 0, kind: "search", ask }) as Found;
  }

  /** The texts that a search finds after the index is updated. */
  async find(word: string): Promise<string[]> {
    await this.update();
    return (await this.search(word)).messages.map(({ content }) => content);
  }

  /** Runs SQL on `search.db`. */
  spoil(sql: string): void {
    const db = new DatabaseSync(this.path("search.db"));
    db.exec(sql);
    db.close();
  }

  /** The names of the tables of entries. */
  tables(): string[] {
    const db = new DatabaseSync(this.path("search.db"), { readOnly: true });
    const rows = db.prepare("SELECT name FROM sqlite_schema WHERE sql LIKE 'CREATE VIRTUAL%'")
      .all();
    db.close();
    return rows.map(({ name }) => String(name));
  }

  /** The global ids of the messages that the index finds by an FTS5 expression, ascending. */
  entries(expression: string): number[] {
    const db = new DatabaseSync(this.path("search.db"), { readOnly: true });
    const shards = db.prepare("SELECT number FROM shards ORDER BY first").all();
    const ids = shards.flatMap(({ number }) => {
      const table = `entries_${number}`;
      return db.prepare(`SELECT rowid AS id FROM ${table} WHERE ${table} MATCH ? ORDER BY rowid`)
        .all(expression);
    });
    db.close();
    return ids.map(({ id }) => Number(id));
  }
}

/** Calls a function with a new setup, closed afterwards. */
export function withSetup(
  run: (setup: Setup) => Promise<void>,
  options: SearchIndexOptions = {},
): Promise<void> {
  return withDir(async (dir) => {
    const setup = new Setup(dir, options);
    setup.open();
    try {
      await run(setup);
    } finally {
      await setup.close();
    }
  });
}
