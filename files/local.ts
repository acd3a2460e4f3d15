/**
 * The file store of a single machine: bytes in a directory, records in `files.db` beside it.
 *
 * @module
 */
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Sync } from "../config/config.ts";
import type { FileInfo, UserId } from "../protocol.ts";
import { connectWriter } from "../sqlite/connect.ts";
import { migrate } from "../sqlite/migrate.ts";
import { Blobs } from "./blobs.ts";
import { Catalog, CATALOG_MIGRATIONS, type FileRecord } from "./catalog.ts";
import { syncFile } from "./durable.ts";
import type { FileRefusal, FileStore, NewFile } from "./file_store.ts";
import { IoScheduler } from "./io_scheduler.ts";
import { dropRetired, dropStale, type Messages, recordMissed } from "./recovery.ts";
import { FileRegistry } from "./registry.ts";
import { freeBytes, Space } from "./space.ts";
import { type Draft, receiveUpload } from "./upload.ts";

/** An upload that is not announced within this time is removed, in milliseconds. */
const UNANNOUNCED_MS = 3600_000;

/** Entropy of an id, in bytes. More than 128 bits: who knows the id can download what is in a public room. */
const ID_BYTES = 18;

/** Settings of {@linkcode openLocalFiles}. Bytes, milliseconds. */
export interface LocalFilesOptions {
  /** An existing directory, for `files/` and `files.db`. */
  readonly dir: string;
  /** The messages that refer to the files. */
  readonly messages: Messages;
  /** What a stored file survives. */
  readonly sync: Sync;
  /** Maximum size of a file. */
  readonly maxFile: number;
  /** Maximum size of all files together; `Infinity`: no limit. */
  readonly maxStorage: number;
  /** Maximum age of a file; 0: no limit. */
  readonly retain: number;
  /** The current time, in milliseconds since 1970. */
  readonly now?: () => number;
  /** Returns the number of free bytes on the disk. */
  readonly free?: () => Promise<number>;
  /** Called at the end of `close`. */
  readonly closed?: () => void;
}

/**
 * Opens the file store of a directory.
 *
 * @throws {DataError} if the catalog has a newer format
 * @throws {Error} if the directory is not writable
 */
export function openLocalFiles(options: LocalFilesOptions): FileStore {
  const { dir, sync } = options;
  const path = join(dir, "files.db");
  const blobs = Blobs.open(join(dir, "files"), sync === "full");
  // Commits do not wait for the disk; only `put` does, asynchronously.
  const db = connectWriter(path, sync === "off" ? "off" : "normal");
  migrate(db, path, CATALOG_MIGRATIONS);
  return new LocalFiles(options, blobs, new Catalog(db));
}

class LocalFiles implements FileStore {
  readonly #options: LocalFilesOptions;
  /** The given messages, except that reading throws once this store is closing. */
  readonly #messages: Messages;
  readonly #blobs: Blobs;
  readonly #catalog: Catalog;
  readonly #space: Space;
  readonly #registry: FileRegistry;
  readonly #scheduler = new IoScheduler();
  readonly #now: () => number;
  readonly #closing = new AbortController();
  /** Running uploads. */
  readonly #uploads = new Set<Promise<unknown>>();
  #collecting: Promise<number> | undefined;
  /** Whether the last run closed the store cleanly. */
  readonly #wasClean: boolean;
  /** Whether every removal has succeeded so far. */
  #isClean = true;
  #recovered = false;

  constructor(options: LocalFilesOptions, blobs: Blobs, catalog: Catalog) {
    const { dir, messages, maxStorage, free = () => freeBytes(dir), now = Date.now } = options;
    this.#options = options;
    this.#blobs = blobs;
    this.#catalog = catalog;
    this.#now = now;
    this.#space = new Space(maxStorage, catalog.bytes(), free);
    this.#registry = new FileRegistry(catalog, blobs, this.#space);
    this.#wasClean = catalog.readMeta("clean") === 1;
    catalog.writeMeta("clean", 0);
    if (catalog.isEmpty()) catalog.writeMeta("epoch", messages.epoch);
    this.#messages = {
      epoch: messages.epoch,
      rooms: (options) => messages.rooms(options),
      read: (room, range) => {
        this.#closing.signal.throwIfAborted();
        return messages.read(room, range);
      },
    };
  }

  put(bytes: AsyncIterable<Uint8Array>, file: NewFile): Promise<FileInfo | FileRefusal> {
    const upload = this.#put(bytes, file);
    const settled: Promise<void> = upload.then(() => {}, () => {}).finally(() => {
      this.#uploads.delete(settled);
    });
    this.#uploads.add(settled);
    return upload;
  }

  async #put(bytes: AsyncIterable<Uint8Array>, file: NewFile): Promise<FileInfo | FileRefusal> {
    const { dir, maxFile, sync } = this.#options;
    const claim = this.#space.claim();
    const draft = await receiveUpload(bytes, {
      blobs: this.#blobs,
      claim,
      scheduler: this.#scheduler,
      maxBytes: maxFile,
      durable: sync === "full",
      signal: this.#closing.signal,
    });
    if ("refused" in draft) return draft;
    const record = toRecord(draft, file, this.#now());
    const refusal = await this.#registry.place(record, draft.path, claim);
    if (refusal !== undefined) return refusal;
    try {
      // The commit is in the write-ahead log, which has to reach the disk too.
      if (sync === "full") await syncFile(join(dir, "files.db-wal"));
    } catch (error) {
      await this.#registry.remove(record.id);
      throw error;
    }
    return toInfo(record);
  }

  find(id: string): FileInfo | undefined {
    const record = this.#catalog.find(id);
    return record === undefined ? undefined : toInfo(record);
  }

  isFrom(id: string, user: UserId): boolean {
    return user !== "" && this.#catalog.find(id)?.uploader === user;
  }

  announcements(id: string): number {
    return this.#catalog.announced(id);
  }

  isAnnouncedIn(id: string, mayRead: (room: string) => boolean): boolean {
    let room = this.#catalog.roomOfFileAfter(id, "");
    while (room !== undefined && !mayRead(room)) room = this.#catalog.roomOfFileAfter(id, room);
    return room !== undefined;
  }

  open({ sha256 }: FileInfo): Promise<Deno.FsFile | undefined> {
    return this.#blobs.open(sha256);
  }

  hold(id: string): FileInfo | undefined {
    const info = this.find(id);
    if (info !== undefined) this.#registry.hold(id);
    return info;
  }

  release(id: string): void {
    this.#registry.release(id);
  }

  announced(id: string, room: string, seq: number): void {
    this.#catalog.announce({ room, seq, file: id });
  }

  withdrawn(room: string, seq: number): void {
    const id = this.#catalog.withdraw(room, seq);
    if (id === undefined) return;
    // The next start finds bytes that could not be removed.
    this.#registry.removeUnlessNeeded(id).catch(() => this.#isClean = false);
  }

  collect(now: number): Promise<number> {
    return this.#collecting ??= this.#collect(now).finally(() => this.#collecting = undefined);
  }

  async #collect(now: number): Promise<number> {
    const { retain } = this.#options;
    let removed = this.#recovered ? 0 : await this.#recover();
    for (const id of await dropRetired(this.#catalog, this.#messages)) {
      removed += await this.#registry.removeUnlessNeeded(id);
    }
    if (retain > 0) removed += await this.#registry.removeOlder(now - retain);
    removed += await this.#registry.removeUnannounced(now - UNANNOUNCED_MS);
    await this.#registry.settled();
    this.#recordTime();
    return removed;
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await Promise.allSettled([...this.#uploads, this.#collecting]);
    await this.#registry.settled();
    this.#recordTime();
    if (this.#recovered && this.#isClean) this.#catalog.writeMeta("clean", 1);
    this.#catalog.close();
    this.#options.closed?.();
  }

  /** Records the time until which all announcements are recorded, unless one is in progress. */
  #recordTime(): void {
    if (this.#recovered && this.#registry.heldCount === 0) {
      this.#catalog.writeMeta("noted", this.#now());
    }
  }

  /** Runs once, before anything else is removed. Returns the number of files removed. */
  async #recover(): Promise<number> {
    const messages = this.#messages;
    const catalog = this.#catalog;
    if (catalog.readMeta("epoch") !== messages.epoch) {
      // The announcements belong to other messages.
      catalog.writeMeta("noted", 0);
      catalog.withdrawAll();
      catalog.writeMeta("epoch", messages.epoch);
    }
    await recordMissed(catalog, messages);
    let removed = 0;
    if (!this.#wasClean) {
      for (const id of await dropStale(catalog, messages)) {
        removed += await this.#registry.removeUnlessNeeded(id);
      }
      await this.#registry.removeOrphans();
    }
    this.#recovered = true;
    return removed;
  }
}

function toRecord({ size, sha256, mediaType }: Draft, file: NewFile, created: number): FileRecord {
  return {
    id: randomBytes(ID_BYTES).toString("base64url"),
    name: file.name,
    size,
    media_type: mediaType,
    sha256,
    uploader: file.user,
    created,
  };
}

function toInfo({ id, name, size, media_type, sha256 }: FileRecord): FileInfo {
  const url = `/files/${id}/${encodeURIComponent(name)}`;
  return { id, name, size, media_type, url, sha256 };
}
