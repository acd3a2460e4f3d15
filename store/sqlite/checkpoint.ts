/**
 * Keeps the write-ahead log of `hubbub.db` small. Runs on a thread that may wait for the disk.
 *
 * The log starts over only when all of it has been copied into the database while nobody writes. A checkpoint
 * that lets the writer go on is always a little behind a busy one. So the bulk is copied beside the writer, and
 * the little that is left while the writer is kept out. The writer does not block meanwhile: it finds the
 * database busy, and its store tries again a moment later.
 *
 * @module
 */
import { DatabaseSync } from "node:sqlite";

/** Size of a page of the log, in bytes. */
const PAGE_BYTES = 4096;

/** The log is emptied when it has about so many pages: 4 MiB. */
const LIMIT_PAGES = 1024;

/** No further pass is made beside the writer if so few pages are left: a millisecond, and the disk's time to sync. */
const MAX_REST_PAGES = 256;

/** Maximum number of passes beside the writer, which may be as fast as they are. */
const MAX_BESIDE = 2;

/**
 * How long each attempt to empty the log waits for readers, in milliseconds; the writer is kept out meanwhile. What
 * begins to read during the attempt needs no log any more, so only a reader that takes longer is in the way.
 */
const PATIENCE_MS = [10, 20, 40, 80];

/** A log that could not be emptied is reported from this size on, in pages: 32 MiB. */
const REPORTED_PAGES = 8192;

/** The state of the log after a pass. */
interface Pass {
  /** Whether a reader or the writer was in the way. */
  busy: boolean;
  /** Pages in the log; -1 if it is not known. */
  log: number;
  /** Of these, copied into the database. */
  copied: number;
}

/** Makes checkpoints of a database that another connection writes to. */
export class Checkpointer {
  #db: DatabaseSync;
  /** About how many pages were written since the log was last empty. */
  #pages = 0;
  /** How often in a row the log could not be emptied. */
  #failures = 0;
  /** Whether that was reported. */
  #reported = false;

  /** @param path of the database, which must exist */
  constructor(path: string) {
    this.#db = new DatabaseSync(path);
    this.#db.exec("PRAGMA wal_autocheckpoint = 0");
  }

  /**
   * Empties the log if it is due. Synchronous; takes as long as the disk.
   *
   * @param pages about how many pages were written since the last call
   * @throws once, if somebody else reads so long that the log grows beyond its bound. It is tried again and again,
   *   and succeeds after that
   */
  written(pages: number): void {
    this.#pages += pages;
    if (this.#pages < LIMIT_PAGES) return;
    this.#pages = 0;
    const left = this.#empty();
    this.#failures = left === 0 ? 0 : this.#failures + 1;
    if (left === 0) this.#reported = false;
    if (left < REPORTED_PAGES || this.#reported) return;
    this.#reported = true;
    const size = Math.round(left * PAGE_BYTES / 2 ** 20);
    throw new Error(
      `The write-ahead log of hubbub.db has ${size} MiB and cannot be emptied while another program ` +
        `is reading hubbub.db`,
    );
  }

  /** Closes the database. */
  close(): void {
    this.#db.close();
  }

  /** Returns the number of pages in the log if it could not be emptied. */
  #empty(): number {
    for (let passes = 0, before = 0; passes < MAX_BESIDE; passes++) {
      const { copied } = this.#run("PASSIVE");
      if (copied - before <= MAX_REST_PAGES) break;
      before = copied;
    }
    let log = 0;
    // Somebody who has been reading since the last time will not be done in a moment.
    for (const patience of this.#failures > 0 ? PATIENCE_MS.slice(0, 1) : PATIENCE_MS) {
      const pass = this.#run("RESTART", patience);
      if (!pass.busy) return 0;
      log = pass.log;
      pause(patience);
    }
    return log;
  }

  #run(mode: "PASSIVE" | "RESTART", patience = 0): Pass {
    this.#db.exec(`PRAGMA busy_timeout = ${patience}`);
    const row = this.#db.prepare(`PRAGMA wal_checkpoint(${mode})`).get();
    return {
      busy: row?.["busy"] !== 0,
      log: Number(row?.["log"]),
      copied: Number(row?.["checkpointed"]),
    };
  }
}

/** Blocks this thread. */
function pause(milliseconds: number): void {
  Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, milliseconds);
}
