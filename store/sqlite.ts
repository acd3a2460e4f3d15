/**
 * The store that keeps messages in a directory, in SQLite databases: `hubbub.db` holds them,
 * `search.db` is the search index, `hubbub.lock` keeps a second server away.
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import { join } from "node:path";
import { connectWriter, type Sync } from "./sqlite/connection.ts";
import { type Lock, lock } from "./sqlite/lock.ts";
import { reason, StoreOpenError } from "./sqlite/open_error.ts";
import { Reader } from "./sqlite/reader.ts";
import { copyMessage } from "./apply.ts";
import { migrate } from "./sqlite/schema.ts";
import { Writer } from "./sqlite/writer.ts";
import type {
  Change,
  Outcome,
  Page,
  Query,
  Range,
  Retention,
  RoomSummary,
  Store,
  StoredMessage,
} from "./store.ts";

export { StoreOpenError } from "./sqlite/open_error.ts";
export type { Sync } from "./sqlite/connection.ts";

/** Where warnings go. */
export interface StoreLogger {
  warn(message: string, properties: Record<string, unknown>): void;
}

/** Settings of {@linkcode openSqliteStore}. */
export interface SqliteStoreOptions {
  /** The data directory; made if it is not there. */
  dir: string;
  /** What a commit survives. */
  sync: Sync;
  /** Default: nobody is warned. */
  logger?: StoreLogger;
}

/** How long after a commit the search index is told, in milliseconds; once for all until then. */
const FOLLOW_DELAY = 250;

/**
 * Opens the store of a data directory.
 *
 * @throws {StoreOpenError} if the directory cannot be used: its message says why and what to do
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { dir } = options;
  let held: Lock | undefined;
  try {
    Deno.mkdirSync(dir, { recursive: true });
    held = lock(join(dir, "hubbub.lock"), dir);
    const path = join(dir, "hubbub.db");
    const db = connectWriter(path, options.sync);
    migrate(db, path);
    const store = new SqliteStore(options, held, db);
    await store.open();
    return store;
  } catch (error) {
    held?.close();
    if (error instanceof StoreOpenError) throw error;
    throw new StoreOpenError(
      `Cannot use the data directory "${dir}": ${reason(error)}; make it a directory that this ` +
        `user can write to, or choose another directory`,
      { cause: error },
    );
  }
}

class SqliteStore implements Store {
  readonly epoch: string;
  #lock: Lock;
  #writer: Writer;
  #reader: Reader;
  #logger: StoreLogger | undefined;
  #followTimer: ReturnType<typeof setTimeout> | undefined;
  #closing: Promise<void> | undefined;

  constructor({ dir, logger }: SqliteStoreOptions, held: Lock, db: DatabaseSync) {
    this.#lock = held;
    this.#logger = logger;
    this.epoch = readEpoch(db);
    this.#writer = new Writer(db);
    const options = {
      main: join(dir, "hubbub.db"),
      search: join(dir, "search.db"),
      epoch: this.epoch,
    };
    this.#reader = new Reader(options, {
      followed: (change) => this.#writer.forgetChanges(change),
      stuck: (message) => this.#logger?.warn("The search index is behind: {message}", { message }),
    });
  }

  async open(): Promise<void> {
    await this.#reader.ask("rooms", undefined);
    this.#reader.follow();
  }

  // deno-lint-ignore require-await -- async turns what is thrown into a rejection
  async commit(batch: readonly Change[]): Promise<Outcome[]> {
    this.#assertOpen();
    if (batch.length === 0) return [];
    const outcomes = this.#writer.commit(batch);
    this.#followSoon();
    return outcomes;
  }

  async read(room: string, range: Range): Promise<Page> {
    this.#assertOpen();
    const page = await this.#reader.ask("read", { room, range });
    return { ...page, messages: page.messages.map(copyMessage) };
  }

  async search(query: Query): Promise<StoredMessage[]> {
    this.#assertOpen();
    return (await this.#reader.ask("search", query)).map(copyMessage);
  }

  // deno-lint-ignore require-await -- async turns what is thrown into a rejection
  async rooms(): Promise<RoomSummary[]> {
    this.#assertOpen();
    return this.#reader.ask("rooms", undefined);
  }

  async retain(policy: Retention, now: number): Promise<number> {
    const progress = { removed: 0, room: 0, done: false };
    if (policy.maxAge === undefined && policy.maxMessages === undefined) return 0;
    while (!progress.done) {
      this.#assertOpen();
      this.#writer.retain(policy, now, progress);
      await new Promise((resolve) => setTimeout(resolve));
    }
    if (progress.removed > 0) this.#followSoon();
    return progress.removed;
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    clearTimeout(this.#followTimer);
    try {
      await this.#reader.close();
    } finally {
      this.#writer.close();
      this.#lock.close();
    }
  }

  #followSoon(): void {
    this.#followTimer ??= setTimeout(() => {
      this.#followTimer = undefined;
      this.#reader.follow();
    }, FOLLOW_DELAY);
  }

  #assertOpen(): void {
    if (this.#closing !== undefined) throw new Error("Cannot use the store: it is closed");
  }
}

/** The epoch of the data, made now if there is none. */
function readEpoch(db: DatabaseSync): string {
  db.prepare("INSERT OR IGNORE INTO meta VALUES ('epoch', ?)").run(crypto.randomUUID());
  return String(db.prepare("SELECT value FROM meta WHERE key = 'epoch'").get()?.["value"]);
}
