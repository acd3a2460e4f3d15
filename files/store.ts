/**
 * The file store contract: what the hub and the HTTP side may rely on, whoever keeps the files that
 * people upload. Types and promises only, no code. `files/local.ts` fulfils it.
 *
 * - **An upload** is stored first and announced afterwards, by messages that refer to it. One that no
 *   message refers to is kept for an hour, so that its uploader can announce it; one whose last
 *   message is gone, is gone.
 * - **The message is the truth.** Messages and files are kept in different places, which no
 *   transaction spans. The order is: the upload is durable before its id is known to anybody; then the
 *   message is committed; then `announced` notes that it refers to the file. What a crash kept from
 *   being noted is read back from the messages before anything is removed (`collect`), so that no
 *   file is lost to which a message refers.
 * - **Bytes** are kept once, however often they were uploaded.
 * - **Looking up and noting** is synchronous, because what the hub does in a turn must not wait: an
 *   implementation whose records are elsewhere holds what it needs here.
 *
 * @module
 */
import type { FileInfo } from "../protocol.ts";

/** What is known of an upload beforehand. */
export interface NewFile {
  /** Checked by `checkFileName`. */
  readonly name: string;
  /** Who may announce it: the session of the connection that uploads it. */
  readonly session: string;
}

/** Why an upload was not kept; nothing of it is left. */
export interface FileRefusal {
  /**
   * - `empty`: it has no bytes;
   * - `too_large`: it has more than one file may have;
   * - `full`: with it, all files together would have more than they may have, or the disk is full;
   * - `closing`: the store was closed before its end.
   */
  readonly refused: "empty" | "too_large" | "full" | "closing";
}

/** Keeps files. */
export interface FileStore {
  /**
   * Keeps the bytes of a stream as they come; they are never in memory together. When it resolves to
   * a file, that file survives what the message store's commits survive.
   *
   * @param bytes each chunk is done with before the next is asked for, so that its memory may be
   *   used again
   * @throws what the stream throws; nothing of the upload is left then
   */
  put(bytes: AsyncIterable<Uint8Array>, file: NewFile): Promise<FileInfo | FileRefusal>;

  /** What is known of a file; `undefined` if it never was or is no longer kept. */
  find(id: string): FileInfo | undefined;

  /** Whether one of these sessions uploaded the file. */
  isFrom(id: string, sessions: readonly string[]): boolean;

  /** Whether a message refers to the file. */
  isAnnounced(id: string): boolean;

  /** Opens a file's bytes for reading; `undefined` if they are no longer kept. */
  open(file: FileInfo): Promise<Deno.FsFile | undefined>;

  /**
   * Keeps a file from being removed until the message that is to refer to it is committed or not.
   *
   * @returns the file; `undefined` if it is not kept. Otherwise `release` must be called once
   */
  hold(id: string): FileInfo | undefined;

  /** Ends a `hold`: now the message is noted by `announced`, or there is none. */
  release(id: string): void;

  /** Notes that a committed message refers to a file. */
  announced(id: string, room: string, seq: number): void;

  /** Notes that a message was deleted; the file goes too if no other message refers to it. */
  withdrawn(room: string, seq: number): void;

  /**
   * Removes what is no longer to be kept: uploads that were not announced in time, files that are too
   * old, files whose messages are gone. To be called now and then.
   *
   * @param now milliseconds since 1970
   * @returns how many files were removed
   */
  collect(now: number): Promise<number>;

  /** Cuts uploads that are under way and lets go of everything. Idempotent. */
  close(): Promise<void>;
}
