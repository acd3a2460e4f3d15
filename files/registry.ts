/**
 * Records and bytes together: each file has both, and bytes that no file has any more go. What places
 * bytes and what removes them is done one after the other, so that nothing comes between the look and
 * the deed.
 *
 * @module
 */
import type { FileRefusal } from "./store.ts";
import type { Blobs } from "./blobs.ts";
import type { Catalog, FileRecord } from "./catalog.ts";
import { isDiskFull } from "./upload.ts";
import type { Claim, Space } from "./space.ts";

/** Files that are looked up for removal at a time. */
const REMOVE_AT_ONCE = 100;

/** The files that are kept. */
export class Shelf {
  readonly #catalog: Catalog;
  readonly #blobs: Blobs;
  readonly #space: Space;
  /** Files that are held, and how often. */
  readonly #held = new Map<string, number>();
  /** The end of what is done one after the other. */
  #last: Promise<unknown> = Promise.resolve();

  constructor(catalog: Catalog, blobs: Blobs, space: Space) {
    this.#catalog = catalog;
    this.#blobs = blobs;
    this.#space = space;
  }

  /** Files that are held. */
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
   * Gives an upload its place and its record; nothing is left of it if that fails.
   *
   * @param path where its bytes came in
   * @param claim the space that they take
   */
  place(record: FileRecord, path: string, claim: Claim): Promise<FileRefusal | undefined> {
    return this.#exclusive(async () => {
      const { sha256 } = record;
      const known = this.#catalog.hasBytes(sha256);
      try {
        await this.#blobs.place(path, sha256);
        this.#catalog.add(record);
        if (known) claim.giveBack();
        return undefined;
      } catch (error) {
        claim.giveBack();
        await this.#blobs.discard(path);
        if (!known) await this.#blobs.remove(sha256);
        if (isDiskFull(error)) return { refused: "full" };
        throw error;
      }
    });
  }

  /** Removes a file, and its bytes unless another has the same. Returns how many were removed. */
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

  /** Removes a file unless a message refers to it or soon will. Returns how many were removed. */
  async removeUnlessWanted(id: string): Promise<number> {
    if (this.#catalog.isAnnounced(id) || this.#held.has(id)) return 0;
    return await this.remove(id);
  }

  /** Removes all files that were uploaded before a time. Returns how many. */
  removeOlder(time: number): Promise<number> {
    return this.#removeAll(() => this.#catalog.createdBefore(time, REMOVE_AT_ONCE));
  }

  /** As `removeOlder`, but only those to which no message refers or soon will. */
  removeUnannounced(time: number): Promise<number> {
    return this.#removeAll(() =>
      this.#catalog.unannouncedBefore(time, REMOVE_AT_ONCE + this.#held.size)
        .filter((id) => !this.#held.has(id))
    );
  }

  /** Removes bytes that no file has: a crash kept the file from being added, or its bytes from going. */
  async removeOrphans(): Promise<void> {
    for await (const sha256 of this.#blobs.list()) {
      if (this.#catalog.hasBytes(sha256)) continue;
      await this.#exclusive(async () => {
        if (!this.#catalog.hasBytes(sha256)) await this.#blobs.remove(sha256);
      });
    }
  }

  /** Resolves when nothing is being placed or removed. */
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
