/**
 * Makes commits durable without blocking the event loop.
 *
 * SQLite's `synchronous=FULL` differs from `NORMAL` in one respect: after each commit it waits until the
 * write-ahead log is on the disk (<https://sqlite.org/pragma.html#pragma_synchronous>). That takes from a
 * tenth of a millisecond to tens of milliseconds. The store therefore runs with `NORMAL`, under which a
 * commit only copies into the system's memory, and syncs the log itself, on the runtime's threads.
 *
 * @module
 */
import { reasonOf } from "../../sqlite/data_error.ts";

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
 *   what it could not write. All later syncs fail with the same error.
 */
export class LogSync {
  #file: SyncableFile;
  #running: Promise<void> | undefined;
  #queued: Promise<void> | undefined;
  #failure: Error | undefined;

  /** @param file the log; owned from now on */
  constructor(file: SyncableFile) {
    this.#file = file;
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

  /** @throws if a sync has failed */
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
      throw this.#failure ??= new Error(
        `The disk failed: ${reasonOf(cause)}; restart the server`,
        { cause },
      );
    } finally {
      this.#running = undefined;
    }
  }
}
