/**
 * Makes commits durable without keeping the loop waiting for the disk.
 *
 * SQLite's `synchronous=FULL` is `NORMAL` and one more thing: after each commit it waits until the
 * write-ahead log is on the disk (<https://sqlite.org/pragma.html#pragma_synchronous>). That wait
 * takes from a tenth of a millisecond to tens of them. So the store runs with `NORMAL`, under which
 * a commit only copies into the system's memory, and syncs the log itself, in the runtime's threads.
 *
 * @module
 */

import { reason } from "./open_error.ts";

/** The part of `Deno.FsFile` that is needed. */
export interface SyncableFile {
  syncData(): Promise<void>;
  close(): void;
}

/**
 * Syncs the log.
 *
 * - One sync is under way at a time, and one more waits for all who ask meanwhile: what they wrote
 *   may have come too late for the first.
 * - When a sync has failed, nobody can say any more what is on the disk, and trying again would not
 *   tell: the system forgets what it could not write. All further syncs fail with the same error.
 */
export class LogSync {
  #file: SyncableFile;
  #running: Promise<void> | undefined;
  #waiting: Promise<void> | undefined;
  #failure: Error | undefined;

  /** @param file the log; owned from here on */
  constructor(file: SyncableFile) {
    this.#file = file;
  }

  /** Waits until everything that is written by now is on the disk. */
  sync(): Promise<void> {
    if (this.#failure !== undefined) return Promise.reject(this.#failure);
    if (this.#waiting !== undefined) return this.#waiting;
    if (this.#running === undefined) return this.#running = this.#sync();
    return this.#waiting = this.#running.catch(() => {}).then(() => {
      this.#waiting = undefined;
      return this.#running = this.#sync();
    });
  }

  /** Waits until everything that {@linkcode sync} was called for is on the disk. */
  async settled(): Promise<void> {
    this.assertWorks();
    await (this.#waiting ?? this.#running);
  }

  /** @throws if a sync has failed */
  assertWorks(): void {
    if (this.#failure !== undefined) throw this.#failure;
  }

  /** Closes the log, after the syncs that are under way. */
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
        `The disk failed: ${reason(cause)}; restart the server`,
        { cause },
      );
    } finally {
      this.#running = undefined;
    }
  }
}
