/**
 * The store that holds messages in a directory, in SQLite databases: `hubbub.db` contains them,
 * `search.db` is the search index, `hubbub.lock` excludes a second server.
 *
 * Writes happen on the caller's thread: they cost half a microsecond per message, less than passing a
 * batch to another thread. What would block the event loop happens elsewhere: waiting for a slow disk on
 * the runtime's threads (`sqlite/log_sync.ts`), and reading, searching, indexing and
 * checkpoints on a thread of their own (`reader_worker.ts`).
 *
 * @module
 */
import { join } from "node:path";
import type { Sync } from "../../config/config.ts";
import { DataError, reasonOf } from "../../sqlite/data_error.ts";
import { type LogSync, openLog } from "../../sqlite/log_sync.ts";
import { migrate } from "../../sqlite/migrate.ts";
import { copyMessage } from "../apply.ts";
import { connectLogWriter } from "./connect.ts";
import { type Lock, lock } from "./lock.ts";
import type { Questions } from "./reader_messages.ts";
import { ReaderThread } from "./reader_thread.ts";
import { MIGRATIONS } from "./schema.ts";
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

/** Where warnings go. */
export interface StoreLogger {
  warn(message: string, properties: Record<string, unknown>): void;
}

/** Settings of {@linkcode openSqliteStore}. */
export interface SqliteStoreOptions {
  /** The data directory; created if it does not exist. */
  dir: string;
  /** What a commit survives. */
  sync: Sync;
  /** Default: warnings are discarded. */
  logger?: StoreLogger;
}

/** Delay of the notification of the reader after a commit, in milliseconds; later commits share it. */
const NOTIFY_DELAY_MS = 250;

/** The reader is notified at once when so many rows were written. */
const NOTIFY_ROWS = 4000;

/**
 * Opens the store of a data directory.
 *
 * @throws {DataError} if the directory cannot be used
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
    const log = options.sync === "full" ? openLog(join(dir, "hubbub.db")) : undefined;
    if (log !== undefined) opened.push(log);
    const store = new SqliteStore(options, { lock: held, writer, log });
    await store.open();
    return store;
  } catch (error) {
    for (const resource of opened.reverse()) await resource.close();
    if (error instanceof DataError) throw error;
    throw new DataError(
      `Cannot use the data directory "${dir}": ${reasonOf(error)}; make it a directory that this ` +
        `user can write to, or choose another directory`,
      { cause: error },
    );
  }
}

function openWriter(path: string, sync: Sync): Writer {
  const db = connectLogWriter(path, sync);
  try {
    migrate(db, path, MIGRATIONS);
    return new Writer(db);
  } catch (error) {
    db.close();
    throw error;
  }
}

/** The opened parts of a store. */
interface Parts {
  lock: Lock;
  writer: Writer;
  /** Absent if commits do not wait for the disk. */
  log: LogSync | undefined;
}

class SqliteStore implements Store {
  readonly epoch: string;
  #parts: Parts;
  #reader: ReaderThread;
  #notifyTimer: ReturnType<typeof setTimeout> | undefined;
  /** Rows written since the reader was last notified. */
  #unreported = 0;
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
    this.#reader = new ReaderThread(readerOptions, {
      indexed: (change) => writer.forgetChanges(change),
      stuck: (message) => logger?.warn("Search index or checkpoint failed", { reason: message }),
    });
  }

  /** Starts the reader and lets the search index catch up. */
  async open(): Promise<void> {
    await this.#reader.open();
    this.#reader.written(0);
  }

  async commit(batch: readonly Change[]): Promise<Outcome[]> {
    this.#assertWorks();
    if (batch.length === 0) return [];
    const outcomes = this.#parts.writer.commit(batch);
    this.#notifyReader();
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
    const progress = { removed: 0, roomId: 0, done: false };
    while (!progress.done) {
      this.#assertWorks();
      this.#parts.writer.retain(policy, now, progress);
      this.#notifyReader();
      // Lets the event loop do other work between two steps.
      await new Promise((resolve) => setTimeout(resolve));
    }
    return progress.removed;
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    clearTimeout(this.#notifyTimer);
    try {
      await this.#reader.close();
      await this.#parts.log?.close();
    } finally {
      this.#parts.writer.close();
      this.#parts.lock.close();
    }
  }

  /** Waits for pending syncs before it answers: what was read may not be on the disk yet. */
  async #ask<K extends "read" | "search" | "rooms">(
    kind: K,
    ask: Questions[K]["ask"],
  ): Promise<Questions[K]["answer"]> {
    this.#assertWorks();
    const answer = await this.#reader.ask(kind, ask);
    await this.#parts.log?.settled();
    return answer;
  }

  /** Notifies the reader soon that something was written. */
  #notifyReader(): void {
    const rows = this.#parts.writer.takeWritten();
    if (rows === 0) return;
    this.#unreported += rows;
    if (this.#unreported >= NOTIFY_ROWS) this.#notifyReaderNow();
    else this.#notifyTimer ??= setTimeout(() => this.#notifyReaderNow(), NOTIFY_DELAY_MS);
  }

  #notifyReaderNow(): void {
    clearTimeout(this.#notifyTimer);
    this.#notifyTimer = undefined;
    this.#reader.written(this.#unreported);
    this.#unreported = 0;
  }

  #assertWorks(): void {
    if (this.#closing !== undefined) throw new Error("Cannot use the store: it is closed");
    this.#parts.log?.assertWorks();
  }
}
