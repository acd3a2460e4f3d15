/**
 * Writing an upload to the disk as it comes, with everything that is to be known of it at the end
 * reckoned on the way: its size, its SHA-256 and what kind of file it is.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { FileRefusal } from "./store.ts";
import type { Blobs } from "./blobs.ts";
import { sniff, SNIFFED_BYTES } from "./sniff.ts";
import type { Claim } from "./space.ts";
import type { Turns } from "./io_scheduler.ts";

/**
 * An upload is put on the disk whenever it has grown by so many bytes: what many have written and the
 * disk still has to take would else keep the chat's next commit waiting.
 */
const SYNC_BYTES = 1024 * 1024;

/** What is hashed and written in one turn, in bytes: about a tenth of a millisecond's work. */
const PIECE_BYTES = 128 * 1024;

/** An upload that is on the disk and has no name yet. */
export interface Draft {
  readonly path: string;
  readonly size: number;
  readonly sha256: string;
  readonly mediaType: string;
}

/** What an upload is written with. */
export interface IntakeOptions {
  readonly blobs: Blobs;
  readonly claim: Claim;
  readonly turns: Turns;
  /** Most bytes. */
  readonly maxBytes: number;
  /** Whether the bytes must survive a power cut before this resolves. */
  readonly durable: boolean;
  /** Cuts the upload. */
  readonly signal: AbortSignal;
}

/**
 * Takes an upload in.
 *
 * @throws what the stream throws; nothing is left then, nor after a refusal
 */
export async function takeIn(
  bytes: AsyncIterable<Uint8Array>,
  options: IntakeOptions,
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

/** Whether an error says that the disk, or this user's share of it, is full. */
export function isDiskFull(error: unknown): boolean {
  if (!(error instanceof Error)) return false;
  const { code, errcode } = error as Error & { code?: unknown; errcode?: unknown };
  return code === "ENOSPC" || code === "EDQUOT" || errcode === SQLITE_FULL;
}

/** https://sqlite.org/rescode.html#full */
const SQLITE_FULL = 13;

async function cleanUp(blobs: Blobs, claim: Claim, path: string | undefined): Promise<void> {
  claim.giveBack();
  if (path !== undefined) await blobs.discard(path);
}

/** Writes everything and closes the file. */
async function write(
  bytes: AsyncIterable<Uint8Array>,
  file: Deno.FsFile,
  options: IntakeOptions,
): Promise<Omit<Draft, "path"> | FileRefusal> {
  using _closed = file;
  const { claim, turns, maxBytes, durable, signal } = options;
  const hash = createHash("sha256");
  const head = new Uint8Array(SNIFFED_BYTES);
  let size = 0;
  const pieceSize = Math.min(PIECE_BYTES, maxBytes + 1);
  for await (const piece of cut(untilAborted(bytes, signal), pieceSize)) {
    if (size + piece.length > maxBytes) return { refused: "too_large" };
    if (!await claim.take(piece.length)) return { refused: "full" };
    if (size < head.length) head.set(piece.subarray(0, head.length - size), size);
    await turns.next();
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

/** Whether a multiple of `step` lies above one number and not above another. */
function isPast(step: number, from: number, to: number): boolean {
  return Math.floor(from / step) < Math.floor(to / step);
}

/**
 * Makes pieces of one size, but for the last, of chunks of any size: a client may send a few bytes at a
 * time, and a turn for each of them would take long. A piece is good until the next is asked for.
 */
async function* cut(
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

/** Passes chunks on; throws the signal's reason even while the next chunk is awaited. */
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
      // Not raced against one promise for all chunks, which would hold on to each of them.
      const next = await new Promise<IteratorResult<T>>((resolve, rejectNext) => {
        reject = rejectNext;
        iterator.next().then(resolve, rejectNext);
      });
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    // Not awaited: it waits for the chunk that never comes.
    iterator.return?.()?.catch(() => {});
  }
}
