/**
 * The bytes of files, in a directory: `ab/abcdef…` contains the bytes whose SHA-256 in hexadecimal is
 * `abcdef…`, `tmp/` contains incomplete uploads.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { join } from "node:path";
import { syncDirectory } from "./durable.ts";
import { FILE_MODE, makeFolder, tightenFolder } from "./modes.ts";

/** The folder of incomplete uploads. */
const INCOMING = "tmp";

const SHA256 = /^[0-9a-f]{64}$/;

/** The bytes of files. */
export class Blobs {
  readonly #dir: string;
  readonly #durable: boolean;

  private constructor(dir: string, durable: boolean) {
    this.#dir = dir;
    this.#durable = durable;
  }

  /**
   * Opens a directory, creates it if necessary, and removes incomplete uploads of the last run. Nobody but
   * this user may read what is in it.
   *
   * @param durable whether placed bytes must survive a power cut
   */
  static open(dir: string, durable: boolean): Blobs {
    const incoming = join(dir, INCOMING);
    makeFolder(incoming);
    tightenFolder(dir, 1);
    for (const { name } of Deno.readDirSync(incoming)) Deno.removeSync(join(incoming, name));
    return new Blobs(dir, durable);
  }

  /** Creates a file for an upload. It has to end with `place` or `discard`. */
  async create(): Promise<{ path: string; file: Deno.FsFile }> {
    const path = join(this.#dir, INCOMING, randomUUID());
    const file = await Deno.open(path, { write: true, createNew: true, mode: FILE_MODE });
    return { path, file };
  }

  /** Moves a completed upload to its final path; replaces identical bytes. */
  async place(path: string, sha256: string): Promise<void> {
    const target = this.#pathOf(sha256);
    const folder = join(target, "..");
    await Deno.mkdir(folder, { recursive: true, mode: 0o700 });
    await Deno.rename(path, target);
    if (!this.#durable) return;
    await syncDirectory(folder);
    await syncDirectory(this.#dir);
  }

  /** Removes an upload. */
  async discard(path: string): Promise<void> {
    await remove(path);
  }

  /** Opens bytes for reading; `undefined` if they do not exist. */
  async open(sha256: string): Promise<Deno.FsFile | undefined> {
    try {
      return await Deno.open(this.#pathOf(sha256));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  /** The size of bytes; `undefined` if they do not exist. */
  async sizeOf(sha256: string): Promise<number | undefined> {
    try {
      return (await Deno.stat(this.#pathOf(sha256))).size;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async remove(sha256: string): Promise<void> {
    await remove(this.#pathOf(sha256));
  }

  /** Moves bytes elsewhere on the same disk. Returns whether they existed. */
  async moveOut(sha256: string, target: string): Promise<boolean> {
    try {
      await Deno.rename(this.#pathOf(sha256), target);
      return true;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  /** Yields the SHA-256 of all stored bytes. */
  async *list(): AsyncGenerator<string, void, void> {
    for await (const { name: folder, isDirectory } of Deno.readDir(this.#dir)) {
      if (!isDirectory || folder === INCOMING) continue;
      for await (const { name } of Deno.readDir(join(this.#dir, folder))) {
        if (SHA256.test(name) && name.startsWith(folder)) yield name;
      }
    }
  }

  #pathOf(sha256: string): string {
    return join(this.#dir, sha256.slice(0, 2), sha256);
  }
}

async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
