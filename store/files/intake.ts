/**
 * Writing an upload to the disk as it comes, with everything that is to be known of it at the end
 * reckoned on the way: its size, its SHA-256 and what kind of file it is.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { FileRefusal } from "../files.ts";
import type { Blobs } from "./blobs.ts";
import { sniff, SNIFFED_BYTES } from "./sniff.ts";
import type { Claim } from "./space.ts";

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
  { claim, maxBytes, durable, signal }: IntakeOptions,
): Promise<Omit<Draft, "path"> | FileRefusal> {
  using _closed = file;
  const hash = createHash("sha256");
  const head = new Uint8Array(SNIFFED_BYTES);
  let size = 0;
  for await (const chunk of untilAborted(bytes, signal)) {
    if (size + chunk.length > maxBytes) return { refused: "too_large" };
    if (!await claim.take(chunk.length)) return { refused: "full" };
    if (size < head.length) head.set(chunk.subarray(0, head.length - size), size);
    hash.update(chunk);
    await writeAll(file, chunk);
    size += chunk.length;
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

/** Passes chunks on; throws the signal's reason even while the next chunk is awaited. */
async function* untilAborted<T>(
  values: AsyncIterable<T>,
  signal: AbortSignal,
): AsyncGenerator<T, void, void> {
  const iterator = values[Symbol.asyncIterator]();
  const aborted = Promise.withResolvers<never>();
  aborted.promise.catch(() => {});
  const abort = () => aborted.reject(signal.reason);
  signal.addEventListener("abort", abort);
  try {
    signal.throwIfAborted();
    for (;;) {
      const next = await Promise.race([iterator.next(), aborted.promise]);
      if (next.done) return;
      yield next.value;
    }
  } finally {
    signal.removeEventListener("abort", abort);
    // Not awaited: it waits for the chunk that never comes.
    iterator.return?.()?.catch(() => {});
  }
}
