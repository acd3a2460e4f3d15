/**
 * The file store of one machine: bytes in a directory, what is known of them in `files.db` beside it.
 *
 * @module
 */
import { createHash, randomBytes } from "node:crypto";
import { join } from "node:path";
import type { FileInfo } from "../protocol.ts";
import type { FileRefusal, FileStore, NewFile } from "./store.ts";
import { connectWriter, type Sync } from "../store/sqlite/connection.ts";
import { migrate } from "../store/sqlite/schema.ts";
import { Blobs } from "./blobs.ts";
import { Catalog, CATALOG_MIGRATIONS, type FileRecord } from "./catalog.ts";
import { syncFile } from "./durable.ts";
import { type Draft, takeIn } from "./upload.ts";
import { dropRetired, dropStale, type Messages, noteMissed } from "./recovery.ts";
import { Shelf } from "./registry.ts";
import { freeBytes, Space } from "./space.ts";
import { Turns } from "./io_scheduler.ts";

/** How long an upload waits to be announced, in milliseconds. */
const UNANNOUNCED_MS = 3600_000;

/** Entropy of an id, in bytes. Above 128 bits: whoever knows an id may fetch an announced file. */
const ID_BYTES = 18;

/** Settings of {@linkcode openLocalFiles}. Bytes, milliseconds. */
export interface LocalFilesOptions {
  /** Gets `files/` and `files.db`; must be there. */
  readonly dir: string;
  /** The messages that refer to the files. */
  readonly messages: Messages;
  /** What a kept file survives. */
  readonly sync: Sync;
  /** Most bytes of one file. */
  readonly maxFile: number;
  /** Most bytes of all files; `Infinity` is no limit. */
  readonly maxStorage: number;
  /** Older files are removed; 0: never. */
  readonly retain: number;
  /** Milliseconds since 1970. */
  readonly now?: () => number;
  /** Asks how many bytes are free on the disk. */
  readonly free?: () => Promise<number>;
  /** Called at the end of `close`. */
  readonly closed?: () => void;
}

/**
 * Opens the file store of a directory.
 *
 * @throws {StoreOpenError} if the catalog is of a newer version
 * @throws {Error} if the directory cannot be written to
 */
export function openLocalFiles(options: LocalFilesOptions): FileStore {
  const { dir, sync } = options;
  const path = join(dir, "files.db");
  const blobs = Blobs.open(join(dir, "files"), sync === "full");
  // Commits do not wait for the disk; `put` does, and nobody else with it.
  const db = connectWriter(path, sync === "off" ? "off" : "normal");
  migrate(db, path, CATALOG_MIGRATIONS);
  return new LocalFiles(options, blobs, new Catalog(db));
}

class LocalFiles implements FileStore {
  readonly #options: LocalFilesOptions;
  /** As they were handed in, but nothing is read from them any more once this closes. */
  readonly #messages: Messages;
  readonly #blobs: Blobs;
  readonly #catalog: Catalog;
  readonly #space: Space;
  readonly #shelf: Shelf;
  readonly #turns = new Turns();
  readonly #now: () => number;
  readonly #closing = new AbortController();
  /** Uploads under way. */
  readonly #uploads = new Set<Promise<unknown>>();
  #collecting: Promise<number> | undefined;
  /** Whether the program ended in good order last time. */
  readonly #wasClean: boolean;
  /** Whether nothing is left over so far that nobody wants. */
  #isClean = true;
  #recovered = false;

  constructor(options: LocalFilesOptions, blobs: Blobs, catalog: Catalog) {
    const { dir, messages, maxStorage, free = () => freeBytes(dir), now = Date.now } = options;
    this.#options = options;
    this.#blobs = blobs;
    this.#catalog = catalog;
    this.#now = now;
    this.#space = new Space(maxStorage, catalog.bytes(), free);
    this.#shelf = new Shelf(catalog, blobs, this.#space);
    this.#wasClean = catalog.readMeta("clean") === 1;
    catalog.writeMeta("clean", 0);
    if (catalog.isEmpty()) catalog.writeMeta("epoch", messages.epoch);
    this.#messages = {
      epoch: messages.epoch,
      rooms: () => messages.rooms(),
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
    const draft = await takeIn(bytes, {
      blobs: this.#blobs,
      claim,
      turns: this.#turns,
      maxBytes: maxFile,
      durable: sync === "full",
      signal: this.#closing.signal,
    });
    if ("refused" in draft) return draft;
    const record = toRecord(draft, file, this.#now());
    const refusal = await this.#shelf.place(record, draft.path, claim);
    if (refusal !== undefined) return refusal;
    try {
      // The commit is in the write-ahead log; this waits until the disk has that too.
      if (sync === "full") await syncFile(join(dir, "files.db-wal"));
    } catch (error) {
      await this.#shelf.remove(record.id);
      throw error;
    }
    return toInfo(record);
  }

  find(id: string): FileInfo | undefined {
    const record = this.#catalog.find(id);
    return record === undefined ? undefined : toInfo(record);
  }

  isFrom(id: string, sessions: readonly string[]): boolean {
    const uploader = this.#catalog.find(id)?.uploader;
    return sessions.some((session) => keyOf(session) === uploader);
  }

  isAnnounced(id: string): boolean {
    return this.#catalog.isAnnounced(id);
  }

  open({ sha256 }: FileInfo): Promise<Deno.FsFile | undefined> {
    return this.#blobs.open(sha256);
  }

  hold(id: string): FileInfo | undefined {
    const info = this.find(id);
    if (info !== undefined) this.#shelf.hold(id);
    return info;
  }

  release(id: string): void {
    this.#shelf.release(id);
  }

  announced(id: string, room: string, seq: number): void {
    this.#catalog.announce({ room, seq, file: id });
  }

  withdrawn(room: string, seq: number): void {
    const id = this.#catalog.withdraw(room, seq);
    if (id === undefined) return;
    // Bytes that could not be removed are found by the next start.
    this.#shelf.removeUnlessWanted(id).catch(() => this.#isClean = false);
  }

  collect(now: number): Promise<number> {
    return this.#collecting ??= this.#collect(now).finally(() => this.#collecting = undefined);
  }

  async #collect(now: number): Promise<number> {
    const { retain } = this.#options;
    let removed = this.#recovered ? 0 : await this.#recover();
    for (const id of await dropRetired(this.#catalog, this.#messages)) {
      removed += await this.#shelf.removeUnlessWanted(id);
    }
    if (retain > 0) removed += await this.#shelf.removeOlder(now - retain);
    removed += await this.#shelf.removeUnannounced(now - UNANNOUNCED_MS);
    await this.#shelf.settled();
    this.#noteAll();
    return removed;
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await Promise.allSettled([...this.#uploads, this.#collecting]);
    await this.#shelf.settled();
    this.#noteAll();
    if (this.#recovered && this.#isClean) this.#catalog.writeMeta("clean", 1);
    this.#catalog.close();
    this.#options.closed?.();
  }

  /** Records that all that is committed by now is noted, unless something is between the two. */
  #noteAll(): void {
    if (this.#recovered && this.#shelf.heldCount === 0) {
      this.#catalog.writeMeta("noted", this.#now());
    }
  }

  /** Has to be done once, before anything else is removed. Returns how many files it removed. */
  async #recover(): Promise<number> {
    const messages = this.#messages;
    const catalog = this.#catalog;
    if (catalog.readMeta("epoch") !== messages.epoch) {
      // These are not the messages that were noted.
      catalog.writeMeta("noted", 0);
      catalog.withdrawAll();
      catalog.writeMeta("epoch", messages.epoch);
    }
    await noteMissed(catalog, messages);
    let removed = 0;
    if (!this.#wasClean) {
      for (const id of await dropStale(catalog, messages)) {
        removed += await this.#shelf.removeUnlessWanted(id);
      }
      await this.#shelf.removeOrphans();
    }
    this.#recovered = true;
    return removed;
  }
}

/** What is kept of a session; nobody can take it over with that. */
function keyOf(session: string): string {
  return createHash("sha256").update(session).digest("hex");
}

function toRecord({ size, sha256, mediaType }: Draft, file: NewFile, created: number): FileRecord {
  return {
    id: randomBytes(ID_BYTES).toString("base64url"),
    name: file.name,
    size,
    media_type: mediaType,
    sha256,
    uploader: keyOf(file.session),
    created,
  };
}

function toInfo({ id, name, size, media_type, sha256 }: FileRecord): FileInfo {
  const url = `/files/${id}/${encodeURIComponent(name)}`;
  return { id, name, size, media_type, url, sha256 };
}
