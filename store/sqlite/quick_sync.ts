/**
 * Syncs a file where that costs less: at once where the disk is quick, in another thread where it is
 * not.
 *
 * To wait for a thread takes the loop some 0.05 ms and two switches, as much as a good solid-state
 * disk needs for the sync itself: with one processor and small batches, syncing at once made a third
 * more deliveries. A poor disk needs 5 to 20 ms, for which nothing may stand still.
 *
 * @module
 */
import type { SyncableFile } from "./log_sync.ts";

/** A disk that did it in less than this is quick: milliseconds. */
const QUICK_MS = 0.5;

/** How many syncs a disk is judged by: one slow sync does not make it slow, so many in a row do. */
const REMEMBERED = 16;

/** The part of `Deno.FsFile` that is needed. */
export interface BothWaysSyncable extends SyncableFile {
  syncDataSync(): void;
}

/** A file that is synced at once while its disk is quick. */
export class QuickSync implements SyncableFile {
  readonly #file: BothWaysSyncable;
  readonly #now: () => number;
  /** How long the last syncs took, in milliseconds, in no order. */
  readonly #took: number[] = [];
  #syncs = 0;

  /**
   * @param file owned from here on
   * @param now milliseconds of a steady clock
   */
  constructor(file: BothWaysSyncable, now: () => number = () => performance.now()) {
    this.#file = file;
    this.#now = now;
  }

  async syncData(): Promise<void> {
    const start = this.#now();
    if (Math.min(...this.#took) < QUICK_MS) this.#file.syncDataSync();
    else await this.#file.syncData();
    this.#took[this.#syncs++ % REMEMBERED] = this.#now() - start;
  }

  close(): void {
    this.#file.close();
  }
}
