/**
 * Sees to it that only the bytes that were uploaded are served: before it is first read, a file is hashed and
 * compared with its SHA-256, and again whenever the system says that it has changed since.
 *
 * @module
 */
import { createHash } from "node:crypto";
import type { FileInfo } from "../protocol.ts";
import type { Blobs } from "./blobs.ts";
import type { IoScheduler } from "./io_scheduler.ts";

/** What is read and hashed at a time, in bytes: about a tenth of a millisecond of work. */
const PIECE_BYTES = 128 * 1024;

/** Maximum files that are hashed at the same time, of which each has a piece in memory. */
const MAX_HASHING = 16;

/** Maximum files whose result is remembered; beyond it, the oldest is forgotten. */
const MAX_VERDICTS = 10_000;

/** Whether a certain state of a file on the disk is sound. */
interface Verdict {
  /** What the system says of the file: another state has another value. */
  readonly state: string;
  readonly isSound: Promise<boolean>;
}

/** Opens files whose bytes are sound. */
export class Verifier {
  readonly #blobs: Blobs;
  readonly #scheduler: IoScheduler;
  /** By SHA-256. */
  readonly #verdicts = new Map<string, Verdict>();
  #hashing = 0;
  readonly #waiting: (() => void)[] = [];

  constructor(blobs: Blobs, scheduler: IoScheduler) {
    this.#blobs = blobs;
    this.#scheduler = scheduler;
  }

  /** Opens a file, positioned at its beginning, or says what is wrong with its bytes. */
  async open(
    info: Pick<FileInfo, "sha256" | "size">,
  ): Promise<Deno.FsFile | "missing" | "altered"> {
    const file = await this.#blobs.open(info.sha256);
    if (file === undefined) return "missing";
    try {
      if (await this.#isSound(file, info)) return file;
    } catch (error) {
      file.close();
      throw error;
    }
    file.close();
    return "altered";
  }

  /** Takes bytes for sound that were hashed while they were written. */
  async vouch(sha256: string): Promise<void> {
    using file = await this.#blobs.open(sha256);
    if (file === undefined) return;
    this.#remember(sha256, { state: stateOf(await file.stat()), isSound: Promise.resolve(true) });
  }

  async #isSound(
    file: Deno.FsFile,
    { sha256, size }: Pick<FileInfo, "sha256" | "size">,
  ): Promise<boolean> {
    const info = await file.stat();
    if (info.size !== size) return false;
    const state = stateOf(info);
    const known = this.#verdicts.get(sha256);
    if (known?.state === state) return await known.isSound;
    const verdict = { state, isSound: this.#hash(file).then((found) => found === sha256) };
    this.#remember(sha256, verdict);
    try {
      return await verdict.isSound;
    } catch (error) {
      if (this.#verdicts.get(sha256) === verdict) this.#verdicts.delete(sha256);
      throw error;
    }
  }

  #remember(sha256: string, verdict: Verdict): void {
    this.#verdicts.delete(sha256);
    this.#verdicts.set(sha256, verdict);
    const [oldest] = this.#verdicts.keys();
    if (this.#verdicts.size > MAX_VERDICTS && oldest !== undefined) this.#verdicts.delete(oldest);
  }

  /** The SHA-256 of a file, which is then at its beginning again. */
  async #hash(file: Deno.FsFile): Promise<string> {
    if (this.#hashing >= MAX_HASHING) {
      await new Promise<void>((resolve) => this.#waiting.push(resolve));
    } else {
      this.#hashing++;
    }
    try {
      const hash = createHash("sha256");
      const piece = new Uint8Array(PIECE_BYTES);
      for (;;) {
        await this.#scheduler.next();
        const count = await file.read(piece);
        if (count === null) break;
        hash.update(piece.subarray(0, count));
      }
      await file.seek(0, Deno.SeekMode.Start);
      return hash.digest("hex");
    } finally {
      // Hands its place to the next one.
      const next = this.#waiting.shift();
      if (next === undefined) this.#hashing--;
      else next();
    }
  }
}

function stateOf({ dev, ino, size, mtime, ctime }: Deno.FileInfo): string {
  return [dev, ino, size, mtime?.getTime(), ctime?.getTime()].join(":");
}
