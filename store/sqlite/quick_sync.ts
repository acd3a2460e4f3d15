/**
 * Syncs a file in the cheaper way: synchronously while the disk is fast, on another thread while it is
 * slow.
 *
 * Waiting for a thread costs the event loop about 0.05 ms and two context switches, as much as the sync
 * itself on a good solid-state disk: with one processor and small batches, synchronous syncs allow a
 * third more deliveries. A slow disk takes 5 to 20 ms, which must not block the loop.
 *
 * @module
 */
import type { SyncableFile } from "./log_sync.ts";

/** A sync that takes less than this is fast, in milliseconds. */
const FAST_MS = 0.5;

/** The disk counts as fast if one of this many latest syncs was. */
const SAMPLES = 16;

/** The part of `Deno.FsFile` that is used. */
export interface SyncCapableFile extends SyncableFile {
  syncDataSync(): void;
}

/** A file that is synced synchronously while its disk is fast. */
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
  constructor(file: SyncCapableFile, now: () => number = () => performance.now()) {
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
