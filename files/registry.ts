/**
 * Keeps records and bytes consistent: each file has both, and bytes without a file are removed. Placing
 * and removing bytes are serialized, so that nothing changes between a check and the action.
 *
 * @module
 */
import type { Blobs } from "./blobs.ts";
import type { Catalog, FileRecord } from "./catalog.ts";
import type { FileRefusal } from "./file_store.ts";
import type { Claim, Space } from "./space.ts";
import { isDiskFull } from "./upload.ts";

/** Number of files looked up for removal at a time. */
const REMOVE_PAGE = 100;

/** The stored files. */
export class FileRegistry {
  readonly #catalog: Catalog;
  readonly #blobs: Blobs;
  readonly #space: Space;
  /** Number of holds, by file id. */
  readonly #held = new Map<string, number>();
  /** The last of the serialized actions. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(catalog: Catalog, blobs: Blobs, space: Space) {
    this.#catalog = catalog;
    this.#blobs = blobs;
    this.#space = space;
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
      try {
        await this.#blobs.place(path, sha256);
        this.#catalog.add(record);
        if (isKnown) claim.release();
        return undefined;
      } catch (error) {
        claim.release();
        await this.#blobs.discard(path);
        if (!isKnown) await this.#blobs.remove(sha256);
        if (isDiskFull(error)) return { refused: "full" };
        throw error;
      }
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

  /** Removes a file unless it is announced or held. Returns the number of files removed. */
  async removeUnlessNeeded(id: string): Promise<number> {
    if (this.#catalog.announced(id) > 0 || this.#held.has(id)) return 0;
    return await this.remove(id);
  }

  /** Removes all files uploaded before a time. Returns their number. */
  removeOlder(time: number): Promise<number> {
    return this.#removeAll(() => this.#catalog.createdBefore(time, REMOVE_PAGE));
  }

  /** Like `removeOlder`, but only files that are neither announced nor held. */
  removeUnannounced(time: number): Promise<number> {
    return this.#removeAll(() =>
      this.#catalog.unannouncedBefore(time, REMOVE_PAGE + this.#held.size)
        .filter((id) => !this.#held.has(id))
    );
  }

  /** Removes bytes without a file, which a crash may leave behind. */
  async removeOrphans(): Promise<void> {
    for await (const sha256 of this.#blobs.list()) {
      if (this.#catalog.hasBytes(sha256)) continue;
      await this.#exclusive(async () => {
        if (!this.#catalog.hasBytes(sha256)) await this.#blobs.remove(sha256);
      });
    }
  }

  /** Resolves when all pending actions are finished. */
  async settled(): Promise<void> {
    await this.#last;
  }

  async #removeAll(find: () => string[]): Promise<number> {
    let removed = 0;
    for (;;) {
      const ids = find();
      if (ids.length === 0) return removed;
      for (const id of ids) removed += await this.remove(id);
    }
  }

  #exclusive<T>(act: () => Promise<T>): Promise<T> {
    const result = this.#last.then(act);
    this.#last = result.catch(() => {});
    return result;
  }
}
