/**
 * How much may still be stored: all files together have a limit, and the disk keeps a reserve that the
 * chat needs for its messages, so that uploads never take its last bytes.
 *
 * @module
 */
import { statfs } from "node:fs";
import { promisify } from "node:util";

const askFileSystem = promisify(statfs);

/** What uploads leave free on the disk, in bytes. */
const RESERVE_BYTES = 64 * 1024 * 1024;

/** How often one upload looks at the disk, in bytes. Must be far less than the reserve. */
const LOOK_EVERY_BYTES = 1024 * 1024;

/** Bytes that are free to this user on the disk of a path. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await askFileSystem(path);
  return bavail * bsize;
}

/** What files take and may take. */
export class Space {
  readonly #limit: number;
  readonly #free: () => Promise<number>;
  #used: number;

  /**
   * @param limit most bytes of all files together; `Infinity` is no limit
   * @param used bytes that they have now
   * @param free asks how much is free on the disk, in bytes
   */
  constructor(limit: number, used: number, free: () => Promise<number>) {
    this.#limit = limit;
    this.#used = used;
    this.#free = free;
  }

  /** Bytes that are taken, those on their way in included. */
  get used(): number {
    return this.#used;
  }

  /** Begins to take space for one upload. */
  claim(): Claim {
    let taken = 0;
    let look = 0;
    return {
      take: async (bytes) => {
        if (this.#used + bytes > this.#limit) return false;
        if (taken >= look) {
          look = taken + LOOK_EVERY_BYTES;
          if (await this.#free() < RESERVE_BYTES + bytes) return false;
        }
        if (this.#used + bytes > this.#limit) return false;
        this.#used += bytes;
        taken += bytes;
        return true;
      },
      giveBack: () => {
        this.#used -= taken;
        taken = 0;
      },
    };
  }

  /** Notes that bytes which were taken are there no more. */
  freed(bytes: number): void {
    this.#used -= bytes;
  }
}

/** The space of one upload. */
export interface Claim {
  /** Takes more; false if there is not enough. */
  take(bytes: number): Promise<boolean>;
  /** Gives back all that it took. Idempotent. */
  giveBack(): void;
}
