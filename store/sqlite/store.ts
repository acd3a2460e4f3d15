/**
 * The store that holds messages in a directory, in SQLite databases: `hubbub.db` contains them,
 * `search.db` is the search index, `hubbub.lock` excludes a second server.
 *
 * Writes happen on the caller's thread: they cost half a microsecond per message, less than passing a
 * batch to another thread. What would block the event loop happens elsewhere: waiting for a slow disk on
 * the runtime's threads (`sqlite/log_sync.ts`), and reading, searching, indexing and
 * checkpoints on threads of their own (`reader_worker.ts`).
 *
 * @module
 */
import { join } from "node:path";
import type { Sync } from "../../config/config.ts";
import { createPrivately } from "../../sqlite/connect.ts";
import { DataError, isDamage, reasonOf } from "../../sqlite/data_error.ts";
import { type LogSync, openLog } from "../../sqlite/log_sync.ts";
import { migrate } from "../../sqlite/migrate.ts";
import { copyMessage } from "../apply.ts";
import { connectLogWriter, enableIncrementalVacuum } from "./connect.ts";
import { type Lock, lock } from "./lock.ts";
import type { Questions } from "./reader_messages.ts";
import { ReaderThread } from "./reader_thread.ts";
import type { Progress } from "./retention.ts";
import { MIGRATIONS } from "./schema.ts";
import { WriteQueue } from "./write_queue.ts";
import { Writer } from "./writer.ts";
import type { UserId } from "../../protocol.ts";
import type {
  Authored,
  Change,
  Found,
  Missed,
  Outcome,
  Page,
  Position,
  Query,
  Range,
  Retention,
  RoomsPage,
  RoomsQuery,
  RoomsState,
  Store,
  StoreFigures,
  Unread,
  UnreadQuery,
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
  /** Give the data a new epoch: they are not what they were when they were last used. Default: no. */
  renewEpoch?: boolean | undefined;
}

/** Delay of the notification of the reader after a commit, in milliseconds; later commits share it. */
const NOTIFY_DELAY_MS = 250;

/** The reader is notified at once when about so many pages were written: 1 MiB. */
const NOTIFY_PAGES = 256;

/** If the write-ahead log is larger, in bytes, what is not urgent waits for its checkpoints: 8 MiB. */
const LARGE_LOG_BYTES = 8 * 1024 * 1024;

/** If it is even larger, its checkpoints lag far behind, and all writes pause for them: 32 MiB. */
const MAX_LOG_BYTES = 32 * 1024 * 1024;

/**
 * How long writes pause, in milliseconds, one time after the other. If that does not help, another program is in
 * the way, and they go on.
 */
const PAUSES_MS = [50, 100, 200, 400, 800];

/** Pages that one step of a vacuum returns to the disk: a millisecond or two. */
const VACUUM_PAGES = 32;

/** So many free pages remain for what is written next: 1 MiB. */
const KEPT_PAGES = 256;

/** Rights of the data directory: only the server's user may look into it. */
const DIR_MODE = 0o700;

/**
 * Opens the store of a data directory.
 *
 * @throws {DataError} if the directory cannot be used
 */
export async function openSqliteStore(options: SqliteStoreOptions): Promise<Store> {
  const { dir } = options;
  const opened: { close(): void | Promise<void> }[] = [];
  try {
    Deno.mkdirSync(dir, { recursive: true, mode: DIR_MODE });
    const lockPath = join(dir, "hubbub.lock");
    createPrivately(lockPath);
    const held = lock(lockPath, dir);
    opened.push(held);
    const path = join(dir, "hubbub.db");
    const writer = openWriter(path, options);
    opened.push(writer);
    const log = options.sync === "full" ? openLog(path) : undefined;
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

function openWriter(path: string, options: SqliteStoreOptions): Writer {
  try {
    return openUndamaged(path, options);
  } catch (error) {
    if (!isDamage(error)) throw error;
    throw new DataError(
      `Cannot open "${path}": it is damaged (${
        reasonOf(error)
      }); run "hubbub check --repair", or put ` +
        `back a backup with "hubbub restore"`,
      { cause: error },
    );
  }
}

function openUndamaged(path: string, { sync, logger, renewEpoch }: SqliteStoreOptions): Writer {
  const db = connectLogWriter(path, sync);
  try {
    migrate(db, path, MIGRATIONS);
    try {
      enableIncrementalVacuum(db);
    } catch (error) {
      if (isDamage(error)) throw error;
      logger?.warn("Cannot have hubbub.db shrink from now on", { reason: reasonOf(error) });
    }
    const writer = new Writer(db, { renewEpoch });
    // From now on the store waits for a checkpoint without blocking: see `WriteQueue`.
    db.exec("PRAGMA busy_timeout = 0");
    return writer;
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
  readonly run: string;
  readonly previousRun: string | undefined;
  readonly lastNoted: number | undefined;
  readonly failed: Promise<Error>;
  #parts: Parts;
  #queue: WriteQueue;
  /** Reads history. */
  #history: ReaderThread;
  /** Searches, indexes, lists rooms and makes checkpoints. */
  #search: ReaderThread;
  #logger: StoreLogger | undefined;
  #notifyTimer: ReturnType<typeof setTimeout> | undefined;
  /** Pages written since the reader was last notified. */
  #unreported = 0;
  /** How often writes have paused since the write-ahead log was last small. */
  #pauses = 0;
  #logPath: string;
  #closing: Promise<void> | undefined;

  constructor({ dir, logger }: SqliteStoreOptions, parts: Parts) {
    this.#parts = parts;
    this.#logger = logger;
    this.#logPath = join(dir, "hubbub.db-wal");
    const { writer } = parts;
    this.epoch = writer.epoch;
    this.run = writer.start.run;
    this.previousRun = writer.start.previousRun;
    this.lastNoted = writer.lastNoted;
    this.#queue = new WriteQueue(() => parts.log?.sync());
    this.failed = this.#queue.failed;
    const readerOptions = (role: "history" | "search") => () => ({
      role,
      main: join(dir, "hubbub.db"),
      search: join(dir, "search.db"),
      epoch: this.epoch,
      start: writer.position(),
    });
    const events = {
      indexed: (change: number) => writer.forgetChanges(change),
      stuck: (message: string) =>
        logger?.warn("Search index or checkpoint failed", { reason: message }),
    };
    this.#history = new ReaderThread(readerOptions("history"), events);
    this.#search = new ReaderThread(readerOptions("search"), events);
  }

  /** Starts the readers and lets the search index catch up. */
  async open(): Promise<void> {
    await Promise.all([this.#history.open(), this.#search.open()]);
    this.#search.written(0);
  }

  async commit(batch: readonly Change[]): Promise<Outcome[]> {
    this.#assertWorks();
    if (batch.length === 0) return [];
    return await this.#write(() => this.#parts.writer.commit(batch), "durable");
  }

  async read(room: string, range: Range): Promise<Page> {
    const page = await this.#ask(this.#history, "read", { room, range });
    return { ...page, messages: page.messages.map(copyMessage) };
  }

  async resume(room: string, position: Position, limit: number): Promise<Missed | undefined> {
    const missed = await this.#ask(this.#history, "resume", { room, position, limit });
    if (missed === undefined) return undefined;
    const { messages, changed } = missed;
    return { ...missed, messages: messages.map(copyMessage), changed: changed.map(copyMessage) };
  }

  async search(query: Query): Promise<Found> {
    const found = await this.#ask(this.#search, "search", query);
    return { ...found, messages: found.messages.map(copyMessage) };
  }

  rooms(query: RoomsQuery): Promise<RoomsPage> {
    return this.#ask(this.#search, "rooms", query);
  }

  roomsState(): Promise<RoomsState> {
    return this.#ask(this.#history, "roomsState", undefined);
  }

  unread(query: UnreadQuery): Promise<Unread[]> {
    return this.#ask(this.#history, "unread", query);
  }

  authored(user: UserId, after?: number): Promise<Authored> {
    return this.#ask(this.#search, "authored", { user, after });
  }

  async retain(policy: Retention, now: number): Promise<number> {
    if (policy.maxAge === undefined && policy.maxMessages === undefined) return 0;
    const progress: Progress = { removed: 0, roomId: 0, done: false };
    const { writer } = this.#parts;
    while (!progress.done) {
      await this.#step(() => writer.retain(policy, now, progress));
    }
    if (progress.damage !== undefined) {
      this.#logger?.warn("Cannot remove old messages", { reason: progress.damage.message });
    }
    while (await this.#step(() => writer.vacuum(VACUUM_PAGES)) > KEPT_PAGES);
    return progress.removed;
  }

  async noteTime(now: number): Promise<void> {
    this.#assertWorks();
    await this.#write(() => this.#parts.writer.noteTime(now), "durable");
  }

  async figures(): Promise<StoreFigures> {
    const { waiting } = this.#queue;
    return { ...await this.#ask(this.#search, "figures", undefined), waiting };
  }

  close(): Promise<void> {
    return this.#closing ??= this.#close();
  }

  async #close(): Promise<void> {
    clearTimeout(this.#notifyTimer);
    await this.#queue.settled();
    try {
      await Promise.all([this.#history.close(), this.#search.close()]);
      await this.#parts.log?.close();
    } finally {
      this.#parts.writer.close();
      this.#parts.lock.close();
    }
  }

  /** Writes in its turn, and tells the readers. */
  async #write<T>(write: () => T, how: "durable" | "soon"): Promise<T> {
    const written = this.#queue.run(write);
    // Nearly always it is written at once, and the call that comes next may already find it.
    const result = written instanceof Promise ? await written : written;
    this.#notifyReader();
    if (how === "durable") await this.#queue.sync();
    return result;
  }

  /** Does a part of some long work, and lets others work for as long as it took. */
  async #step<T>(step: () => T): Promise<T> {
    this.#assertWorks();
    const start = performance.now();
    const result = await this.#write(step, "soon");
    const duration = performance.now() - start;
    await rest(duration);
    // Nothing is urgent about it: it waits for checkpoints, unless another program is in their way.
    if (this.#isLogAbove(LARGE_LOG_BYTES)) await rest(PAUSES_MS[1] ?? 0);
    return result;
  }

  /** Waits for pending syncs before it answers: what was read may not be on the disk yet. */
  async #ask<K extends Exclude<keyof Questions, "open" | "close">>(
    reader: ReaderThread,
    kind: K,
    ask: Questions[K]["ask"],
  ): Promise<Questions[K]["answer"]> {
    this.#assertWorks();
    const answer = await reader.ask(kind, ask);
    await this.#parts.log?.settled();
    return answer;
  }

  /** Notifies the reader soon that something was written. */
  #notifyReader(): void {
    const pages = this.#parts.writer.takeWritten();
    if (pages === 0) return;
    this.#unreported += pages;
    if (this.#unreported >= NOTIFY_PAGES) this.#notifyReaderNow();
    else this.#notifyTimer ??= setTimeout(() => this.#notifyReaderNow(), NOTIFY_DELAY_MS);
  }

  #notifyReaderNow(): void {
    clearTimeout(this.#notifyTimer);
    this.#notifyTimer = undefined;
    this.#search.written(this.#unreported);
    this.#unreported = 0;
    this.#pauseIfBehind();
  }

  #pauseIfBehind(): void {
    if (!this.#isLogAbove(MAX_LOG_BYTES)) {
      this.#pauses = 0;
      return;
    }
    const pause = PAUSES_MS[this.#pauses++];
    if (pause !== undefined) this.#queue.pause(pause);
  }

  /** The log is cut to `KEPT_LOG_BYTES` when it starts over, so that its size tells how much is in it. */
  #isLogAbove(bytes: number): boolean {
    return Deno.statSync(this.#logPath).size > bytes;
  }

  #assertWorks(): void {
    if (this.#closing !== undefined) throw new Error("Cannot use the store: it is closed");
    this.#queue.assertWorks();
  }
}

function rest(milliseconds: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, milliseconds));
}
