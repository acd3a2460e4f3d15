/**
 * Writes an upload to the disk as it arrives, and computes its size, SHA-256 and media type on the way.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { Blobs } from "./blobs.ts";
import type { FileRefusal } from "./file_store.ts";
import type { IoScheduler } from "./io_scheduler.ts";
import { sniff, SNIFFED_BYTES } from "./sniff.ts";
import type { Claim } from "./space.ts";

/**
 * An upload is synced to the disk whenever it has grown by this much, in bytes. Otherwise the next commit
 * of messages would have to wait until the disk has written what many uploads have accumulated.
 */
const SYNC_BYTES = 1024 * 1024;

/** What is hashed and written at a time, in bytes: about a tenth of a millisecond of work. */
const PIECE_BYTES = 128 * 1024;

/** A completed upload that has no record yet. */
export interface Draft {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  readonly mediaType: string;
}

/** Settings of {@linkcode receiveUpload}. */
export interface UploadOptions {
  readonly blobs: Blobs;
  readonly claim: Claim;
  readonly scheduler: IoScheduler;
  /** Maximum size, in bytes. */
  readonly maxBytes: number;
  /** Whether the bytes must survive a power cut once the upload is complete. */
  readonly durable: boolean;
  /** Aborts the upload. */
  readonly signal: AbortSignal;
}

/**
 * Receives an upload. Leaves nothing behind if it fails or is refused.
 *
 * @throws what the stream throws
 */
export async function receiveUpload(
  bytes: AsyncIterable<Uint8Array>,
  options: UploadOptions,
): Promise<Draft | FileRefusal> {
  const { blobs, claim, signal } = options;
  let path: string | undefined;
  try {
    const draft = await blobs.create();
    path = draft.path;
    const result = await write(bytes, draft.file, options);
    if (!("refused" in result)) return { path, ...result };
    await cleanUp(blobs, claim, path);
    return result;
  } catch (error) {
    await cleanUp(blobs, claim, path);
    if (signal.aborted) return { refused: "closing" };
    if (isDiskFull(error)) return { refused: "full" };
    throw error;
  }
}

/** Whether an error means that the disk, or the user's quota, is full. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as Error & { code?: unknown; errcode?: unknown };
  return code === "ENOSPC" || code === "EDQUOT" || errcode === SQLITE_FULL;
}

/** https://sqlite.org/rescode.html#full */
const SQLITE_FULL = 13;

async function cleanUp(blobs: Blobs, claim: Claim, path: string | undefined): Promise<void> {
  claim.release();
  if (path !== undefined) await blobs.discard(path);
}

/** Writes everything and closes the file. */
async function write(
  bytes: AsyncIterable<Uint8Array>,
  file: Deno.FsFile,
  options: UploadOptions,
): Promise<Omit<Draft, "path"> | FileRefusal> {
  using _closed = file;
  const { claim, scheduler, maxBytes, durable, signal } = options;
  const hash = createHash("sha256");
  const head = new Uint8Array(SNIFFED_BYTES);
  let size = 0;
  const pieceSize = Math.min(PIECE_BYTES, maxBytes + 1);
  for await (const piece of regroup(untilAborted(bytes, signal), pieceSize)) {
    if (size + piece.length > maxBytes) return { refused: "too_large" };
    const refused = await claim.take(piece.length);
    if (refused !== undefined) return { refused };
    if (size < head.length) head.set(piece.subarray(0, head.length - size), size);
    await scheduler.next();
    hash.update(piece);
    await writeAll(file, piece);
    const isDue = isPast(SYNC_BYTES, size, size += piece.length);
    if (durable && isDue) await file.syncData();
  }
  if (size === 0) return { refused: "empty" };
  if (durable) await file.sync();
  const mediaType = sniff(head.subarray(0, Math.min(size, head.length)));
  return { size, sha256: hash.digest("hex"), mediaType };
}

async function writeAll(file: Deno.FsFile, bytes: Uint8Array): Promise<void> {
  for (let written = 0; written < bytes.length;) {
    written += await file.write(bytes.subarray(written));
  }
}

/** Whether a multiple of `step` lies between two numbers, the second one included. */
function isPast(step: number, from: number, to: number): boolean {
  return Math.floor(from / step) < Math.floor(to / step);
}

/**
 * Regroups chunks into pieces of one size, except for the last: a client may send a few bytes at a time,
 * and scheduling each chunk would be slow. A piece is valid until the next one is requested.
 */
async function* regroup(
  chunks: AsyncIterable<Uint8Array>,
  size: number,
): AsyncGenerator<Uint8Array, void, void> {
  const piece = new Uint8Array(size);
  let filled = 0;
  for await (const chunk of chunks) {
    for (let from = 0; from < chunk.length;) {
      const part = chunk.subarray(from, from + size - filled);
      piece.set(part, filled);
      from += part.length;
      filled += part.length;
      if (filled < size) continue;
      yield piece;
      filled = 0;
    }
  }
  if (filled > 0) yield piece.subarray(0, filled);
}

/** Yields the values; throws the signal's reason, even while it waits for the next value. */
async function* untilAborted<T>(
  values: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, void> {
  const iterator = values[Symbol.asyncIterator]();
  let reject = (_reason: unknown) => {};
  const abort = () => reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    for (;;) {
      signal.throwIfAborted();
      // `Promise.race` with one promise for all values would retain every one of them.
      const next = await new Promise<IteratorResult<T>>((resolve, rejectNext) => {
        reject = rejectNext;
        iterator.next().then(resolve, rejectNext);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    // Not awaited: it may wait for a value that never arrives.
    iterator.return?.()?.catch(() => {});
  }
}
