/**
 * The shards of the search index: tables of `search.db`, each with the messages of a range of global ids.
 *
 * A query of one shard takes a few milliseconds, whatever it asks for, so a search can be interrupted between
 * two of them. Removing one message costs half a millisecond in a shard but many in an index of a million; and
 * when most messages of a shard are removed, it is replaced.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { IndexDamage, inIndex } from "./search_database.ts";

/** A shard. */
export interface Shard {
  /** The smallest global id that belongs to it; those up to the next shard's do. */
  first: number;
  /** Names its table. */
  number: number;
  /** Least and greatest `time` of its messages, or of messages it had; in milliseconds since 1970. */
  oldest: number;
  newest: number;
  /**
   * How many milliseconds earlier than a message another one with a greater global id can be. A few, unless
   * messages are imported or the clock is set back.
   */
  disorder: number;
}

/**
 * `detail=none`: queries only ask which messages have an entry. `prefix`: searches for the first letter of a
 * word, which has very many entries. `secure-delete`: removed entries are erased at once, not when parts of the
 * index are merged.
 */
const tableOf = (name: string) => `
  CREATE VIRTUAL TABLE ${name} USING fts5(
    text, detail = none, columnsize = 0, prefix = 1, tokenize = "ascii tokenchars '#'"
  );
  INSERT INTO ${name} (${name}, rank) VALUES ('secure-delete', 1);
`;

/** The beginning of the names of tables of entries, before the number of the shard. */
const PREFIX = "entries_";

/** A table of entries. */
interface Table {
  insert: StatementSync;
  remove: StatementSync;
}

/** The shards of an open index. All methods throw `IndexDamage` if the file is damaged. */
export class Shards {
  #db: DatabaseSync;
  /** Ascending by `first`. */
  #shards: Shard[];
  /** The tables written to, by number. */
  #tables = new Map<number, Table>();
  #lastNumber: number;
  #save: StatementSync;
  #forget: StatementSync;

  /** @param db a usable index, owned by the caller */
  constructor(db: DatabaseSync) {
    this.#db = db;
    this.#shards = inIndex(() => readShards(db));
    this.#save = inIndex(() => db.prepare("INSERT OR REPLACE INTO shards VALUES (?, ?, ?, ?, ?)"));
    this.#forget = inIndex(() => db.prepare("DELETE FROM shards WHERE first = ?"));
    const tables = inIndex(() => readTables(db));
    this.#lastNumber = Math.max(0, ...tables);
    this.#dropUnlisted(tables);
  }

  /** All shards, ascending by `first`. */
  get all(): readonly Shard[] {
    return this.#shards;
  }

  /** The shard to which new messages are added. */
  get newest(): Shard | undefined {
    return this.#shards.at(-1);
  }

  /** The shard that begins with a global id. */
  get(first: number): Shard | undefined {
    return this.#shards.find((shard) => shard.first === first);
  }

  /** The shard to which a global id belongs. */
  of(id: number): Shard | undefined {
    return this.#shards.findLast(({ first }) => first <= id);
  }

  /** The first global id after a shard; `undefined` of the newest one. */
  endOf(shard: Shard): number | undefined {
    return this.#shards[this.#shards.indexOf(shard) + 1]?.first;
  }

  /** Creates a table that belongs to no shard yet; it is dropped when the index is opened next. */
  create(first: number): Shard {
    const number = ++this.#lastNumber;
    inIndex(() => this.#db.exec(tableOf(nameOf(number))));
    return { first, number, oldest: Infinity, newest: -Infinity, disorder: 0 };
  }

  /** Lists a shard of {@linkcode create}, or saves a changed one. Replaces the one that began with the same id. */
  save(shard: Shard): void {
    const { first, number, oldest, newest, disorder } = shard;
    const replaced = this.get(first);
    inIndex(() => {
      this.#save.run(first, number, finite(oldest), finite(newest), disorder);
      if (replaced !== undefined && replaced !== shard) this.#drop(replaced);
    });
    if (replaced === shard) return;
    this.#shards = [...this.#shards.filter((one) => one !== replaced), shard]
      .sort((a, b) => a.first - b.first);
  }

  /** Removes a shard with all entries. */
  remove(shard: Shard): void {
    inIndex(() => {
      this.#forget.run(shard.first);
      this.#drop(shard);
    });
    this.#shards = this.#shards.filter((one) => one !== shard);
  }

  /** Drops the table of a shard that is not listed. */
  discard(shard: Shard): void {
    inIndex(() => this.#drop(shard));
  }

  /** Adds the entries of a message, which the shard must not have yet. Ascending by global id. */
  insert(shard: Shard, id: number, time: number, entries: string): void {
    inIndex(() => this.#table(shard).insert.run(id, entries));
    shard.disorder = Math.max(shard.disorder, shard.newest - time);
    shard.oldest = Math.min(shard.oldest, time);
    shard.newest = Math.max(shard.newest, time);
  }

  /** Adds the entries of a message that the shard had already. */
  replace(shard: Shard, id: number, entries: string | undefined): void {
    inIndex(() => {
      const { insert, remove } = this.#table(shard);
      remove.run(id);
      if (entries !== undefined) insert.run(id, entries);
    });
  }

  /** The global ids of a shard's messages to which an FTS5 expression applies, descending. */
  find({ number }: Shard, expression: string): number[] {
    const name = nameOf(number);
    const ids = inIndex(() =>
      this.#db.prepare(
        `SELECT group_concat(id) AS ids
         FROM (SELECT rowid AS id FROM ${name} WHERE ${name} MATCH ? ORDER BY rowid DESC)`,
      ).get(expression)?.["ids"]
    );
    return typeof ids === "string" ? ids.split(",").map(Number) : [];
  }

  #table({ number }: Shard): Table {
    const known = this.#tables.get(number);
    if (known !== undefined) return known;
    const name = nameOf(number);
    // Only a few are written to at a time.
    if (this.#tables.size >= 16) this.#tables.clear();
    const table = {
      insert: this.#db.prepare(`INSERT INTO ${name} (rowid, text) VALUES (?, ?)`),
      remove: this.#db.prepare(`DELETE FROM ${name} WHERE rowid = ?`),
    };
    this.#tables.set(number, table);
    return table;
  }

  #drop({ number }: Shard): void {
    this.#tables.delete(number);
    this.#db.exec(`DROP TABLE ${nameOf(number)}`);
  }

  /** Drops the tables that a replacement has left behind when it was interrupted. */
  #dropUnlisted(tables: readonly number[]): void {
    const listed = new Set(this.#shards.map(({ number }) => number));
    for (const number of tables) {
      if (listed.has(number)) continue;
      try {
        inIndex(() => this.#db.exec(`DROP TABLE ${nameOf(number)}`));
      } catch (error) {
        if (error instanceof IndexDamage) throw error;
        // The disk is full, perhaps. They are in nobody's way.
      }
    }
  }
}

/** The numbers of all tables of entries. */
function readTables(db: DatabaseSync): number[] {
  const names = db.prepare(
    "SELECT name FROM sqlite_schema WHERE type = 'table' AND sql LIKE 'CREATE VIRTUAL TABLE %'",
  ).all();
  return names.map(({ name }) => Number(String(name).replace(PREFIX, "")));
}

function nameOf(number: number): string {
  return PREFIX + number;
}

function readShards(db: DatabaseSync): Shard[] {
  const rows = db.prepare("SELECT * FROM shards ORDER BY first").all();
  return rows.map(({ first, number, oldest, newest, disorder }) => ({
    first: Number(first),
    number: Number(number),
    oldest: oldest === null ? Infinity : Number(oldest),
    newest: newest === null ? -Infinity : Number(newest),
    disorder: Number(disorder),
  }));
}

/** SQLite has no infinite integers. */
function finite(time: number): number | null {
  return Number.isFinite(time) ? time : null;
}
