/**
 * The file store contract: what the hub and the HTTP routes can rely on, wherever uploaded files are
 * stored. Types and promises only, no code. `files/local.ts` implements it.
 *
 * - **Announcements.** An upload is stored first and announced afterwards, by messages that refer to it.
 *   A file without a message is removed after an hour, within which its uploader can announce it; a file
 *   whose last message is gone is removed too.
 * - **Messages are authoritative.** Messages and files are stored in different places, which no
 *   transaction spans. The order is: the upload is durable before anyone knows its id; then the message
 *   is committed; then `announced` records that it refers to the file. Announcements that a crash kept
 *   from being recorded are read back from the messages before anything is removed (`collect`), so that
 *   no file is lost that a message refers to.
 * - **Doubt.** Nothing is removed because a record or a message is missing. Records that are missing are made
 *   anew from the messages. A file whose messages are gone without a trace (neither deleted nor removed by
 *   retention), and bytes without a file, go to quarantine, and are removed from there after 30 days.
 * - **Membership.** A file is there for those who may read a room in which a message refers to it, and for
 *   its uploader. The store knows the rooms (`isAnnouncedIn`), not who may read them.
 * - **Bytes** are stored once, however often they are uploaded.
 * - **Lookups and announcements** are synchronous, because a batch of the hub must not wait. An
 *   implementation with remote records has to cache what these methods need.
 *
 * @module
 */
import type { OverQuota } from "./quotas.ts";
import type { Uploader } from "./uploader.ts";
import type { FileInfo, UserId } from "../protocol.ts";

/** What an upload declares. */
export interface NewFile extends Uploader {
  /** Checked by `checkFileName`. */
  readonly name: string;
}

/** Why an upload was refused. Nothing of it remains. */
export interface FileRefusal {
  /**
   * - `empty`: it has no bytes;
   * - `too_large`: it exceeds the maximum size of a file;
   * - `full`: it would exceed the limit of all files together, or the disk is full;
   * - `user_full`, `address_full`: the limit of the user's files, or of those that count by the address;
   * - `unannounced_user`: the limit of what the user, or the address, has in no message;
   * - `unannounced_all`: the limit of what everybody has in no message;
   * - `closing`: the store was closed before it was complete.
   */
  readonly refused: "empty" | "too_large" | "full" | OverQuota | "closing";
}

/** Why the bytes of a file cannot be read. */
export interface Unreadable {
  /**
   * - `removed`: there is no such file any more;
   * - `missing`: its bytes are not on the disk;
   * - `altered`: its bytes are not those that were uploaded.
   */
  readonly unreadable: "removed" | "missing" | "altered";
}

/** What a file store tells of itself. */
export interface FileFigures {
  /** Files, and those of them to which no message refers. */
  readonly files: number;
  readonly unannounced: number;
  /** Bytes that count for the limit of all files: each content once, running uploads included. */
  readonly bytes: number;
  /** Uploads that are running. */
  readonly uploads: number;
  /** Contents in quarantine, and their bytes. */
  readonly quarantined: number;
  readonly quarantinedBytes: number;
}

/** Stores files. */
export interface FileStore {
  /**
   * Resolves, with a `LostWriteError`, if the store has failed for good: the disk failed while a record was
   * synced, and nobody can tell which records are on it. Never rejects.
   */
  readonly failed: Promise<Error>;

  /**
   * Stores the bytes of a stream as they arrive; never all of them in memory. When it resolves to a
   * file, that file survives whatever the message store's commits survive.
   *
   * @param bytes a chunk is not used after the next one is requested, so that its memory can be reused
   * @throws what the stream throws; nothing of the upload remains
   */
  put(bytes: AsyncIterable<Uint8Array>, file: NewFile): Promise<FileInfo | FileRefusal>;

  /** Finds a file; `undefined` if it does not exist or was removed. */
  find(id: string): FileInfo | undefined;

  /** Whether a user uploaded the file. */
  isFrom(id: string, user: UserId): boolean;

  /** How many messages refer to the file; 0 if there is no such file. */
  announcements(id: string): number;

  /**
   * Whether a message in one of certain rooms refers to the file; false if there is no such file.
   *
   * @param mayRead whether a room is one of them; asked once for each room that has the file, direct
   *   conversations by their internal names (`@ID:ID`), until it says yes. Must not change announcements
   */
  isAnnouncedIn(id: string, mayRead: (room: string) => boolean): boolean;

  /**
   * Opens a file's bytes for reading. Before they are read for the first time, and after each change that the
   * system knows of, they are compared with the file's SHA-256: what differs is never served.
   */
  open(file: FileInfo): Promise<Deno.FsFile | Unreadable>;

  /** Absent: the store has nothing to tell. */
  figures?(): Promise<FileFigures>;

  /** Whether the disk has space for uploads. */
  hasSpace(): Promise<boolean>;

  /**
   * Protects a file from removal until the message that refers to it is committed or refused.
   *
   * @returns the file, in which case `release` must be called once; `undefined` if it does not exist
   */
  hold(id: string): FileInfo | undefined;

  /** Ends a `hold`: either `announced` has recorded the message, or there is none. */
  release(id: string): void;

  /** Records that a committed message refers to a file. */
  announced(id: string, room: string, seq: number): void;

  /** Records that a message was deleted. Removes its file if no other message refers to it. */
  withdrawn(room: string, seq: number): void;

  /**
   * Removes uploads that were not announced in time, files that are too old, and files whose messages are
   * gone. To be called periodically. The first call reconciles files and messages before it removes anything;
   * if it rejects, the next one does.
   *
   * @param now milliseconds since 1970, of a clock that is plausible
   * @returns the number of files removed
   */
  collect(now: number): Promise<number>;

  /** Aborts running uploads and releases all resources. Idempotent. */
  close(): Promise<void>;
}
