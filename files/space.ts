/**
 * Tracks the space that files take: all files together have a limit, and uploads leave a reserve on the
 * disk for messages.
 *
 * @module
 */
import { statfs } from "node:fs";
import { promisify } from "node:util";
import { NO_QUOTA, type OverQuota, type Quota } from "./quotas.ts";

const statFileSystem = promisify(statfs);

/** Free space that uploads leave on the disk, in bytes. */
const RESERVE_BYTES = 64 * 1024 * 1024;

/** An upload checks the disk whenever it has taken this much, in bytes. Must be far below the reserve. */
const CHECK_BYTES = 1024 * 1024;

/** Free bytes, for this user, on the disk of a path. */
export async function freeBytes(path: string): Promise<number> {
  const { bavail, bsize } = await statFileSystem(path);
  return bavail * bsize;
}

/** The space of all files. */
export class Space {
  readonly #limit: number;
  readonly #free: () => Promise<number>;
  #used: number;

  /**
   * @param limit maximum size of all files together, in bytes; `Infinity`: no limit
   * @param used their current size, in bytes
   * @param free returns the free space on the disk, in bytes
   */
  constructor(limit: number, used: number, free: () => Promise<number>) {
    this.#limit = limit;
    this.#used = used;
    this.#free = free;
  }

  /** Bytes taken, including those of running uploads. */
  get used(): number {
    return this.#used;
  }

  /**
   * Starts a claim for one upload.
   *
   * @param quota counts what the uploader takes, and says when it is too much; default: there are no quotas
   */
  claim(quota: Quota = NO_QUOTA): Claim {
    let taken = 0;
    let nextCheck = 0;
    return {
      take: async (bytes) => {
        if (this.#used + bytes > this.#limit) return "full";
        if (taken >= nextCheck) {
          nextCheck = taken + CHECK_BYTES;
          if (await this.#free() < RESERVE_BYTES + bytes) return "full";
        }
        if (this.#used + bytes > this.#limit) return "full";
        const over = quota.check(bytes);
        if (over !== undefined) return over;
        this.#used += bytes;
        taken += bytes;
        quota.count(bytes);
        return undefined;
      },
      release: () => {
        this.#used -= taken;
        taken = 0;
      },
      end: () => quota.end(),
    };
  }

  /** Whether the disk has space for uploads. */
  async hasReserve(): Promise<boolean> {
    return await this.#free() > RESERVE_BYTES;
  }

  /** Counts bytes that were on the disk already, beyond the limit too. */
  grown(bytes: number): void {
    this.#used += bytes;
  }

  /** Returns the space of removed bytes. */
  freed(bytes: number): void {
    this.#used -= bytes;
  }
}

/** The space that one upload takes. */
export interface Claim {
  /** Takes more bytes; resolves with why they cannot be taken. */
  take(bytes: number): Promise<"full" | OverQuota | undefined>;
  /** Returns all space taken. Idempotent. */
  release(): void;
  /** The upload has ended: if it was stored, the catalog counts it from now on. To be called once. */
  end(): void;
}
