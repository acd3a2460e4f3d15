/**
 * The store that keeps messages in a directory, in SQLite databases: `hubbub.db` holds them,
 * `search.db` is the search index, `hubbub.lock` keeps a second server away.
 *
 * Writing is done where `commit` is called: a batch costs half a microsecond a message, less than it
 * would to hand it to another thread. What would make the loop wait is done elsewhere: waiting for
 * a disk that is not quick in the runtime's threads (`sqlite/log_sync.ts`, `sqlite/quick_sync.ts`),
 * and reading, searching, indexing and checkpoints in a thread of their own
 * (`sqlite/reader_worker.ts`).
 *
 * @module
 */
import { join } from "node:path";
import { copyMessage } from "../apply.ts";
import { connectLogWriter, type Sync } from "./connection.ts";
import { type Lock, lock } from "./lock.ts";
import { LogSync } from "./log_sync.ts";
import { QuickSync } from "./quick_sync.ts";
import { reason, StoreOpenError } from "./open_error.ts";
import { Reader } from "./reader.ts";
import type { Questions } from "./reader_messages.ts";
import { migrate } from "./schema.ts";
import { Writer } from "./writer.ts";
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
} from "../store.ts";

export { StoreOpenError } from "./open_error.ts";
export type { Sync } from "./connection.ts";

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

/** How long after a commit the reader is told, in milliseconds; once for all until then. */
const NOTICE_DELAY = 250;

/** The reader is told at once when so many rows were written. */
const NOTICE_ROWS = 4000;

/**
 * Opens the store of a data directory.
 *
 * @throws {StoreOpenError} if the directory cannot be used: its message says why and what to do
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { dir } = options;
  const opened: { close(): void | Promise<void> }[] = [];
  try {
    Deno.mkdirSync(dir, { recursive: true });
    const held = lock(join(dir, "hubbub.lock"), dir);
    opened.push(held);
    const writer = openWriter(join(dir, "hubbub.db"), options.sync);
    opened.push(writer);
    const log = options.sync === "full" ? openLog(join(dir, "hubbub.db-wal")) : undefined;
    if (log !== undefined) opened.push(log);
    const store = new SqliteStore(options, { lock: held, writer, log });
    await store.open();
    return store;
  } catch (error) {
    for (const resource of opened.reverse()) await resource.close();
    if (error instanceof StoreOpenError) throw error;
    throw new StoreOpenError(
      `Cannot use the data directory "${dir}": ${reason(error)}; make it a directory that this ` +
        `user can write to, or choose another directory`,
      { cause: error },
    );
  }
}

function openWriter(path: string, sync: Sync): Writer {
  const db = connectLogWriter(path, sync);
  try {
    migrate(db, path);
    return new Writer(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** Windows flushes a file only for who may write to it. */
function openLog(path: string): LogSync {
  return new LogSync(new QuickSync(Deno.openSync(path, { read: true, write: true })));
}

/** What a store is made of. */
interface Parts {
  lock: Lock;
  writer: Writer;
  /** Absent: commits do not wait for the disk. */
  log: LogSync | undefined;
}

class SqliteStore implements Store {
  readonly epoch: string;
  #parts: Parts;
  #reader: Reader;
  #noticeTimer: ReturnType<typeof setTimeout> | undefined;
  #unnoticed = 0;
  #closing: Promise<void> | undefined;

  constructor({ dir, logger }: SqliteStoreOptions, parts: Parts) {
    this.#parts = parts;
    const { writer } = parts;
    this.epoch = writer.epoch;
    const readerOptions = () => ({
      main: join(dir, "hubbub.db"),
      search: join(dir, "search.db"),
      epoch: this.epoch,
      start: writer.position(),
    });
    this.#reader = new Reader(readerOptions, {
      followed: (change) => writer.forgetChanges(change),
      stuck: (message) => logger?.warn("Search index or checkpoint failed", { reason: message }),
    });
  }

  /** Makes sure that reading works, and has the search index catch up. */
  async open(): Promise<void> {
    await this.#reader.open();
    this.#reader.written(0);
  }

  async commit(batch: readonly Change[]): Promise<Outcome[]> {
    this.#assertWorks();
    if (batch.length === 0) return [];
    const outcomes = this.#parts.writer.commit(batch);
    this.#notice();
    await this.#parts.log?.sync();
    return outcomes;
  }

  async read(room: string, range: Range): Promise<Page> {
    const page = await this.#ask("read", { room, range });
    return { ...page, messages: page.messages.map(copyMessage) };
  }

  async search(query: Query): Promise<StoredMessage[]> {
    return (await this.#ask("search", query)).map(copyMessage);
  }

  rooms(): Promise<RoomSummary[]> {
    return this.#ask("rooms", undefined);
  }

  async retain(policy: Retention, now: number): Promise<number> {
    if (policy.maxAge === undefined && policy.maxMessages === undefined) return 0;
    const progress = { removed: 0, room: 0, done: false };
    while (!progress.done) {
      this.#assertWorks();
      this.#parts.writer.retain(policy, now, progress);
      this.#notice();
      // Whatever else the loop has to do comes between two steps.
      await new Promise((resolve) => setTimeout(resolve));
    }
    return progress.removed;
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    clearTimeout(this.#noticeTimer);
    try {
      await this.#reader.close();
      await this.#parts.log?.close();
    } finally {
      this.#parts.writer.close();
      this.#parts.lock.close();
    }
  }

  /** Answers with nothing that might still be lost: what was read may have been written just now. */
  async #ask<K extends "read" | "search" | "rooms">(
    kind: K,
    ask: Questions[K]["ask"],
  ): Promise<Questions[K]["answer"]> {
    this.#assertWorks();
    const answer = await this.#reader.ask(kind, ask);
    await this.#parts.log?.settled();
    return answer;
  }

  /** Tells the reader, soon, that something was written. */
  #notice(): void {
    const rows = this.#parts.writer.takeWritten();
    if (rows === 0) return;
    this.#unnoticed += rows;
    if (this.#unnoticed >= NOTICE_ROWS) this.#tellReader();
    else this.#noticeTimer ??= setTimeout(() => this.#tellReader(), NOTICE_DELAY);
  }

  #tellReader(): void {
    clearTimeout(this.#noticeTimer);
    this.#noticeTimer = undefined;
    this.#reader.written(this.#unnoticed);
    this.#unnoticed = 0;
  }

  #assertWorks(): void {
    if (this.#closing !== undefined) throw new Error("Cannot use the store: it is closed");
    this.#parts.log?.assertWorks();
  }
}
