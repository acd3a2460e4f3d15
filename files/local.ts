/**
 * The file store of a single machine: bytes in a directory, records in `files.db` beside it, and in
 * `quarantine/` what nothing refers to.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { randomBytes } from "node:crypto";
import { join } from "node:path";
import type { Sync } from "../config/config.ts";
import type { FileInfo, UserId } from "../protocol.ts";
import { LostWriteError, reasonOf } from "../sqlite/data_error.ts";
import { Blobs } from "./blobs.ts";
import type { Catalog, FileRecord } from "./catalog.ts";
import { syncFile } from "./durable.ts";
import type { FileFigures, FileRefusal, FileStore, NewFile, Unreadable } from "./file_store.ts";
import { IoScheduler } from "./io_scheduler.ts";
import { openCatalog } from "./open_catalog.ts";
import { Quarantine } from "./quarantine.ts";
import { NO_QUOTAS, type QuotaLimits, Quotas } from "./quotas.ts";
import { Reconciler } from "./reconciler.ts";
import { dropRetired, type Messages } from "./recovery.ts";
import { FileRegistry } from "./registry.ts";
import { type Claim, freeBytes, Space } from "./space.ts";
import { type Draft, receiveUpload } from "./upload.ts";
import { Verifier } from "./verifier.ts";

const logger = getLogger(["hubbub", "files"]);

/** An upload that is not announced within this time is removed, in milliseconds, unless told otherwise. */
const UNANNOUNCED_MS = 3600_000;

/** Interval between two looks for what has been in quarantine long enough, in milliseconds. */
const PURGE_MS = 3600_000;

/** Maximum files of which it is remembered that their bytes were reported as missing or altered. */
const MAX_REPORTED = 10_000;

/** Entropy of an id, in bytes. More than 128 bits: who knows the id can download what is in a public room. */
const ID_BYTES = 18;

/** Settings of {@linkcode openLocalFiles}. Bytes, milliseconds. */
export interface LocalFilesOptions {
  /** An existing directory, for `files/`, `files.db` and `quarantine/`. */
  readonly dir: string;
  /** The messages that refer to the files. */
  readonly messages: Messages;
  /** What a stored file survives. */
  readonly sync: Sync;
  /** Maximum size of a file. */
  readonly maxFile: number;
  /** Maximum size of all files together; `Infinity`: no limit. */
  readonly maxStorage: number;
  /** How much one uploader may store; default: no limits. */
  readonly quotas?: Omit<QuotaLimits, "maxFile">;
  /** Maximum age of a file; 0: no limit. */
  readonly retain: number;
  /** How long an upload is kept that no message refers to; default: an hour. */
  readonly retainUnannounced?: number;
  /** The current time, in milliseconds since 1970. */
  readonly now?: () => number;
  /** Returns the number of free bytes on the disk. */
  readonly free?: () => Promise<number>;
  /** Called at the end of `close`. */
  readonly closed?: () => void;
}

/**
 * Opens the file store of a directory. A catalog that is missing or damaged is made anew from the messages.
 *
 * @throws {DataError} if the catalog has a newer format
 * @throws {Error} if the directory is not writable
 */
export function openLocalFiles(options: LocalFilesOptions): FileStore {
  const { dir, sync, now = Date.now } = options;
  const blobs = Blobs.open(join(dir, "files"), sync === "full");
  // Commits do not wait for the disk; only `put` does, asynchronously.
  const catalog = openCatalog(join(dir, "files.db"), sync === "off" ? "off" : "normal", now());
  return new LocalFiles(options, blobs, catalog);
}

class LocalFiles implements FileStore {
  readonly #options: LocalFilesOptions;
  /** The given messages, except that reading throws once this store is closing. */
  readonly #messages: Messages;
  readonly #blobs: Blobs;
  readonly #catalog: Catalog;
  readonly #quarantine: Quarantine;
  readonly #space: Space;
  readonly #quotas: Quotas;
  readonly #registry: FileRegistry;
  readonly #reconciler: Reconciler;
  readonly #scheduler = new IoScheduler();
  readonly #verifier: Verifier;
  readonly #now: () => number;
  readonly #closing = new AbortController();
  readonly #failed = Promise.withResolvers<LostWriteError>();
  /** Running uploads. */
  readonly #uploads = new Set<Promise<unknown>>();
  #collecting: Promise<number> | undefined;
  /** Whether every removal has succeeded so far. */
  #isClean = true;
  /** When to look into the quarantine again. */
  #nextPurge = -Infinity;
  /** Files whose bytes were reported as missing or altered. */
  readonly #reported = new Set<string>();

  constructor(options: LocalFilesOptions, blobs: Blobs, catalog: Catalog) {
    const { dir, messages, maxFile, maxStorage, quotas = NO_QUOTAS, retain } = options;
    const { free = () => freeBytes(dir), now = Date.now } = options;
    this.#options = options;
    this.#blobs = blobs;
    this.#catalog = catalog;
    this.#now = now;
    this.#quarantine = new Quarantine(join(dir, "quarantine"), blobs);
    this.#space = new Space(maxStorage, catalog.bytes(), free);
    this.#quotas = new Quotas({ ...quotas, maxFile }, catalog);
    this.#registry = new FileRegistry(catalog, {
      blobs,
      space: this.#space,
      quarantine: this.#quarantine,
    });
    this.#verifier = new Verifier(blobs, this.#scheduler);
    this.#messages = untilClosing(messages, this.#closing.signal);
    this.#reconciler = new Reconciler({
      catalog,
      messages: this.#messages,
      registry: this.#registry,
      retain,
      now,
    });
  }

  get failed(): Promise<Error> {
    return this.#failed.promise;
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
    const claim = this.#space.claim(this.#quotas.open(file));
    try {
      return await this.#receive(bytes, file, claim);
    } finally {
      claim.end();
    }
  }

  async #receive(
    bytes: AsyncIterable<Uint8Array>,
    file: NewFile,
    claim: Claim,
  ): Promise<FileInfo | FileRefusal> {
    const { dir, maxFile, sync } = this.#options;
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
    this.#reconciler.uploaded(record.id);
    try {
      // The commit is in the write-ahead log, which has to reach the disk too.
      if (sync === "full") await syncFile(join(dir, "files.db-wal"));
    } catch (cause) {
      const lost = new LostWriteError(
        `The disk has failed (${reasonOf(cause)}): uploads may or may not have been kept`,
        { cause },
      );
      this.#failed.resolve(lost);
      throw lost;
    }
    await this.#verifier.vouch(record.sha256);
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

  async open(info: FileInfo): Promise<Deno.FsFile | Unreadable> {
    const file = await this.#verifier.open(info);
    if (typeof file !== "string") return file;
    if (this.#closing.signal.aborted || this.#catalog.find(info.id) === undefined) {
      return { unreadable: "removed" };
    }
    this.#report(info, file);
    return { unreadable: file };
  }

  async figures(): Promise<FileFigures> {
    const { count, bytes } = await this.#quarantine.size();
    return {
      ...this.#catalog.count(),
      bytes: this.#space.used,
      uploads: this.#uploads.size,
      quarantined: count,
      quarantinedBytes: bytes,
    };
  }

  hasSpace(): Promise<boolean> {
    return this.#space.hasReserve();
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
    const id = this.#reconciler.withdraw(room, seq);
    if (id === undefined) return;
    // The next start finds bytes that could not be removed.
    this.#registry.removeUnlessNeeded(id).catch(() => this.#isClean = false);
  }

  collect(now: number): Promise<number> {
    return this.#collecting ??= this.#collect(now).finally(() => this.#collecting = undefined);
  }

  async #collect(now: number): Promise<number> {
    const { retain, retainUnannounced = UNANNOUNCED_MS } = this.#options;
    let removed = 0;
    for (const id of await this.#findDropped(now)) {
      removed += await this.#registry.removeUnlessNeeded(id);
    }
    if (retain > 0) removed += await this.#registry.removeOlder(now - retain);
    removed += await this.#registry.removeUnannounced(now - retainUnannounced, now);
    await this.#registry.settled();
    await this.#tendQuarantine(now);
    this.#recordTime();
    return removed;
  }

  /** The ids of the files of which a message is gone, some of which may be needed nevertheless. */
  async #findDropped(now: number): Promise<Iterable<string>> {
    if (!this.#reconciler.isFinished) return await this.#reconciler.run(now);
    const dropped = new Set<string>();
    await dropRetired(this.#catalog, this.#messages, dropped);
    return dropped;
  }

  /** Says what came into quarantine, and removes what has been there long enough. */
  async #tendQuarantine(now: number): Promise<void> {
    const { count, bytes } = this.#registry.takeTally();
    const { dir } = this.#quarantine;
    if (count > 0) {
      logger.warn(
        "Moved {count} uploads ({bytes} bytes) to {dir}, because nothing refers to them; they are removed " +
          "in 30 days",
        { count, bytes, dir },
      );
    }
    if (now < this.#nextPurge) return;
    this.#nextPurge = now + PURGE_MS;
    const purged = await this.#quarantine.purge(now);
    if (purged > 0) logger.info("Removed {purged} uploads from {dir}", { purged, dir });
  }

  /** Says once of each file what is wrong with its bytes. */
  #report({ id, sha256 }: FileInfo, state: "missing" | "altered"): void {
    if (this.#reported.has(id) || this.#reported.size >= MAX_REPORTED) return;
    this.#reported.add(id);
    logger.error("The bytes of file {id} (SHA-256 {sha256}) are {state}: run hubbub check", {
      id,
      sha256,
      state,
    });
  }

  async close(): Promise<void> {
    if (this.#closing.signal.aborted) return;
    this.#closing.abort();
    await Promise.allSettled([...this.#uploads, this.#collecting]);
    await this.#registry.settled();
    this.#recordTime();
    if (this.#reconciler.isFinished && this.#isClean) this.#catalog.writeMeta("clean", 1);
    this.#catalog.close();
    this.#options.closed?.();
  }

  /** Records the time until which all announcements are recorded, unless one is in progress. */
  #recordTime(): void {
    if (this.#reconciler.isFinished && this.#registry.heldCount === 0) {
      this.#catalog.writeMeta("noted", this.#now());
    }
  }
}

/** Messages that cannot be read any more once a signal is given. */
function untilClosing(messages: Messages, signal: AbortSignal): Messages {
  const { epoch, run, previousRun, lastNoted } = messages;
  return {
    epoch,
    run,
    previousRun,
    lastNoted,
    rooms: (query) => {
      signal.throwIfAborted();
      return messages.rooms(query);
    },
    read: (room, range) => {
      signal.throwIfAborted();
      return messages.read(room, range);
    },
  };
}

function toRecord({ size, sha256, mediaType }: Draft, file: NewFile, created: number): FileRecord {
  return {
    id: randomBytes(ID_BYTES).toString("base64url"),
    name: file.name,
    size,
    media_type: mediaType,
    sha256,
    uploader: file.user,
    network: file.network ?? "",
    created,
  };
}

function toInfo({ id, name, size, media_type, sha256 }: FileRecord): FileInfo {
  const url = `/files/${id}/${encodeURIComponent(name)}`;
  return { id, name, size, media_type, url, sha256 };
}
