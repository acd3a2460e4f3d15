/**
 * Makes commits durable without blocking the event loop.
 *
 * SQLite's `synchronous=FULL` differs from `NORMAL` in one respect: after each commit it waits until the
 * write-ahead log is on the disk (<https://sqlite.org/pragma.html#pragma_synchronous>). That takes from a
 * tenth of a millisecond to tens of milliseconds. A store therefore runs with `NORMAL`, under which a
 * commit only copies into the system's memory, and syncs the log itself, on the runtime's threads.
 *
 * A checkpoint in between does no harm: under `NORMAL` it syncs the log before it copies, and the database
 * before the log starts over, so what is no longer in the log is on the disk.
 *
 * @module
 */
import { steadyNow } from "../clock/steady.ts";
import { LostWriteError, reasonOf } from "./data_error.ts";

/** A sync that takes less than this is fast, in milliseconds. */
const FAST_MS = 0.5;

/** The disk counts as fast if one of this many latest syncs was. */
const SAMPLES = 16;

/** The part of `Deno.FsFile` that is used. */
export interface SyncableFile {
  syncData(): Promise<void>;
  close(): void;
}

/**
 * Syncs the log.
 *
 * - One sync runs at a time. All calls meanwhile share one further sync, because the running one may
 *   have missed what they wrote.
 * - After a failed sync it is unknown what is on the disk, and a retry would not tell: the system drops
 *   what it could not write. All later syncs fail with the same error, and the process has to end.
 */
export class LogSync {
  readonly #failed = Promise.withResolvers<LostWriteError>();
  #file: SyncableFile;
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;
  #failure: LostWriteError | undefined;

  /** @param file the log; owned from now on */
  constructor(file: SyncableFile) {
    this.#file = file;
  }

  /** Resolves when a sync has failed. Never rejects. */
  get failed(): Promise<LostWriteError> {
    return this.#failed.promise;
  }

  /** Resolves when everything written so far is on the disk. */
  sync(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#queued !== undefined) return this.#queued;
    if (this.#running === undefined) return this.#running = this.#sync();
    return this.#queued = this.#running.catch(() => {}).then(() => {
      this.#queued = undefined;
      return this.#running = this.#sync();
    });
  }

  /** Resolves when every {@linkcode sync} called so far has finished. */
  async settled(): Promise<void> {
    this.assertWorks();
    await (this.#queued ?? this.#running);
  }

  /** @throws {LostWriteError} if a sync has failed */
  assertWorks(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Closes the log after pending syncs. */
  async close(): Promise<void> {
    await this.settled().catch(() => {});
    this.#file.close();
  }

  async #sync(): Promise<void> {
    try {
      this.assertWorks();
      await this.#file.syncData();
    } catch (cause) {
      this.#failure ??= new LostWriteError(
        `The disk has failed (${
          reasonOf(cause)
        }): what was written last may or may not have been kept`,
        { cause },
      );
      this.#failed.resolve(this.#failure);
      throw this.#failure;
    } finally {
      this.#running = undefined;
    }
  }
}

/**
 * Opens the log of a database in WAL mode, to which a connection must be open. For writing too, without
 * which Windows does not flush it.
 *
 * @param database path of the database
 */
export function openLog(database: string): LogSync {
  return new LogSync(new QuickSync(Deno.openSync(`${database}-wal`, { read: true, write: true })));
}

/** The part of `Deno.FsFile` that {@linkcode QuickSync} uses. */
export interface SyncCapableFile extends SyncableFile {
  syncDataSync(): void;
}

/**
 * A file that is synced synchronously while its disk is fast, on another thread while it is slow.
 *
 * Waiting for a thread costs the event loop about 0.05 ms and two context switches, as much as the sync
 * itself on a good solid-state disk: with one processor and small batches, synchronous syncs allow a
 * third more deliveries. A slow disk takes 5 to 20 ms, which must not block the loop.
 */
export class QuickSync implements SyncableFile {
  readonly #file: SyncCapableFile;
  readonly #now: () => number;
  /** Durations of the latest syncs, in milliseconds, in no order. */
  readonly #durations: number[] = [];
  #syncs = 0;

  /**
   * @param file owned from now on
   * @param now a monotonic clock, in milliseconds
   */
  constructor(file: SyncCapableFile, now: () => number = steadyNow) {
    this.#file = file;
    this.#now = now;
  }

  async syncData(): Promise<void> {
    const start = this.#now();
    if (Math.min(...this.#durations) < FAST_MS) this.#file.syncDataSync();
    else await this.#file.syncData();
    this.#durations[this.#syncs++ % SAMPLES] = this.#now() - start;
  }

  close(): void {
    this.#file.close();
  }
}
