/**
 * Keeps records and bytes consistent: each file has both, and bytes to which nothing refers are put into
 * quarantine. Placing and removing bytes are serialized, so that nothing changes between a check and the
 * action.
 *
 * @module
 */
import type { Blobs } from "./blobs.ts";
import type { Catalog, FileRecord } from "./catalog.ts";
import type { FileRefusal } from "./file_store.ts";
import type { Quarantine } from "./quarantine.ts";
import type { Claim, Space } from "./space.ts";
import { isDiskFull } from "./upload.ts";

/** Number of files looked up for removal at a time. */
const REMOVE_PAGE = 100;

/** How many uploads were put into quarantine, and their size together. */
export interface QuarantineTally {
  readonly count: number;
  readonly bytes: number;
}

/** The stored files. */
export class FileRegistry {
  readonly #catalog: Catalog;
  readonly #blobs: Blobs;
  readonly #space: Space;
  readonly #quarantine: Quarantine;
  #tally = { count: 0, bytes: 0 };
  /** Number of holds, by file id. */
  readonly #held = new Map<string, number>();
  /** The last of the serialized actions. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(
    catalog: Catalog,
    { blobs, space, quarantine }: { blobs: Blobs; space: Space; quarantine: Quarantine },
  ) {
    this.#catalog = catalog;
    this.#blobs = blobs;
    this.#space = space;
    this.#quarantine = quarantine;
  }

  /** Number of files that are held. */
  get heldCount(): number {
    return this.#held.size;
  }

  hold(id: string): void {
    this.#held.set(id, (this.#held.get(id) ?? 0) + 1);
  }

  release(id: string): void {
    const holds = (this.#held.get(id) ?? 0) - 1;
    if (holds > 0) this.#held.set(id, holds);
    else this.#held.delete(id);
  }

  /**
   * Stores the bytes and the record of an upload; removes both if that fails.
   *
   * @param path of the completed upload
   * @param claim the space that it takes
   */
  place(record: FileRecord, path: string, claim: Claim): Promise<FileRefusal | undefined> {
    return this.#exclusive(async () => {
      const { sha256 } = record;
      const isKnown = this.#catalog.hasBytes(sha256);
      // Bytes without a record may be those of a file that is about to be recorded anew.
      const isThere = isKnown || await this.#blobs.sizeOf(sha256) !== undefined;
      try {
        await this.#blobs.place(path, sha256);
        this.#catalog.add(record);
        if (isKnown) claim.release();
        return undefined;
      } catch (error) {
        claim.release();
        await this.#blobs.discard(path);
        if (!isThere) await this.#blobs.remove(sha256);
        if (isDiskFull(error)) return { refused: "full" };
        throw error;
      }
    });
  }

  /**
   * Records a file that the catalog lacks, and brings its bytes back if they are in quarantine.
   *
   * @returns whether its bytes exist
   */
  adopt(record: FileRecord): Promise<boolean> {
    return this.#exclusive(async () => {
      const { id, sha256, size } = record;
      if (this.#catalog.find(id) !== undefined) return true;
      const isThere = await this.#blobs.sizeOf(sha256) !== undefined ||
        await this.#quarantine.release(sha256);
      if (!this.#catalog.hasBytes(sha256)) this.#space.grown(size);
      this.#catalog.add(record);
      return isThere;
    });
  }

  /** Removes a file, and its bytes unless another file has the same. Returns the number of files removed. */
  async remove(id: string): Promise<number> {
    const record = this.#catalog.find(id);
    if (record === undefined) return 0;
    this.#catalog.remove(id);
    await this.#exclusive(async () => {
      if (this.#catalog.hasBytes(record.sha256)) return;
      await this.#blobs.remove(record.sha256);
      this.#space.freed(record.size);
    });
    return 1;
  }

  /** Removes a file unless it is announced, held or lost. Returns the number of files removed. */
  async removeUnlessNeeded(id: string): Promise<number> {
    if (this.#isNeeded(id) || this.#catalog.isLost(id)) return 0;
    return await this.remove(id);
  }

  /** Removes all files uploaded before a time. Returns their number. */
  removeOlder(time: number): Promise<number> {
    return this.#removeAll(() => this.#catalog.createdBefore(time, REMOVE_PAGE));
  }

  /**
   * Like `removeOlder`, but only files that are neither announced nor held. Those that are lost go to
   * quarantine.
   *
   * @param now milliseconds since 1970
   */
  removeUnannounced(time: number, now: number): Promise<number> {
    return this.#removeAll(
      () =>
        this.#catalog.unannouncedBefore(time, REMOVE_PAGE + this.#held.size)
          .filter((id) => !this.#held.has(id)),
      (id) => this.#catalog.isLost(id) ? this.#quarantineFile(id, now) : this.remove(id),
    );
  }

  /** Puts bytes without a file into quarantine, which a crash may leave behind, or damage to the catalog. */
  async quarantineOrphans(now: number): Promise<void> {
    const why = "no record and no message refers to it";
    for await (const sha256 of this.#blobs.list()) {
      if (this.#catalog.hasBytes(sha256)) continue;
      await this.#exclusive(async () => {
        const size = await this.#blobs.sizeOf(sha256);
        if (this.#catalog.hasBytes(sha256) || size === undefined) return;
        const isMoved = await this.#quarantine.add({ sha256, size, quarantined: now, why });
        if (isMoved) this.#count(size);
      });
    }
  }

  /** How much was put into quarantine since the last call. */
  takeTally(): QuarantineTally {
    const tally = this.#tally;
    this.#tally = { count: 0, bytes: 0 };
    return tally;
  }

  /** Resolves when all pending actions are finished. */
  async settled(): Promise<void> {
    await this.#last;
  }

  /** Returns 0: a file in quarantine is not removed. */
  #quarantineFile(id: string, now: number): Promise<number> {
    const why = "the messages that referred to it are gone without a trace";
    return this.#exclusive(async () => {
      const record = this.#catalog.find(id);
      if (record === undefined || this.#isNeeded(id)) return 0;
      this.#catalog.remove(id);
      if (this.#catalog.hasBytes(record.sha256)) return 0;
      this.#space.freed(record.size);
      const { network: _forgotten, ...rest } = record;
      if (await this.#quarantine.add({ ...rest, quarantined: now, why })) {
        this.#count(record.size);
      }
      return 0;
    });
  }

  #isNeeded(id: string): boolean {
    return this.#catalog.announced(id) > 0 || this.#held.has(id);
  }

  #count(bytes: number): void {
    this.#tally = { count: this.#tally.count + 1, bytes: this.#tally.bytes + bytes };
  }

  async #removeAll(
    find: () => string[],
    remove = (id: string) => this.remove(id),
  ): Promise<number> {
    let removed = 0;
    for (;;) {
      const ids = find();
      if (ids.length === 0) return removed;
      for (const id of ids) removed += await remove(id);
    }
  }

  #exclusive<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#last.then(act);
    this.#last = result.catch(() => {});
    return result;
  }
}
