/**
 * Keeps uploads that nothing refers to any more although nobody has asked to remove them: in `quarantine/`,
 * for a month. `SHA256` contains the bytes and `SHA256.json` what is known of them.
 *
 * @module
 */
import { join } from "node:path";
import type { UserId } from "../protocol.ts";
import type { Blobs } from "./blobs.ts";
import { FILE_MODE, makeFolder, tightenFolder } from "./modes.ts";

/** How long uploads are kept here, in milliseconds. */
export const QUARANTINE_MS = 30 * 24 * 3600_000;

const SHA256 = /^[0-9a-f]{64}$/;

/** What is known of bytes in quarantine. Times in milliseconds since 1970. */
export interface QuarantineNote {
  readonly sha256: string;
  /** In bytes. */
  readonly size: number;
  /** Absent, like the rest, if there was no record of a file with these bytes. */
  readonly id?: string;
  readonly name?: string;
  readonly media_type?: string;
  readonly uploader?: UserId;
  /** When it was uploaded. */
  readonly created?: number;
  /** When it came here. */
  readonly quarantined: number;
  readonly why: string;
}

/** The uploads that nothing refers to. */
export class Quarantine {
  readonly dir: string;
  readonly #blobs: Blobs;

  /** Opens a directory; it is created when something comes into it. */
  constructor(dir: string, blobs: Blobs) {
    this.dir = dir;
    this.#blobs = blobs;
    try {
      tightenFolder(dir, 0);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }

  /** Moves bytes here. Returns whether they existed. */
  async add(note: QuarantineNote): Promise<boolean> {
    makeFolder(this.dir);
    // The note first: who finds the bytes finds out what they are.
    await this.#write(note);
    if (await this.#blobs.moveOut(note.sha256, join(this.dir, note.sha256))) return true;
    if (!await this.#has(note.sha256)) await remove(join(this.dir, `${note.sha256}.json`));
    return false;
  }

  /** Moves bytes back, to which something refers again. Returns whether they were here. */
  async release(sha256: string): Promise<boolean> {
    if (!await this.#has(sha256)) return false;
    await this.#blobs.place(join(this.dir, sha256), sha256);
    await remove(join(this.dir, `${sha256}.json`));
    return true;
  }

  /**
   * Removes what has been here for {@linkcode QUARANTINE_MS}. The time of bytes whose note is missing begins
   * now.
   *
   * @param now milliseconds since 1970
   * @returns how many were removed
   */
  async purge(now: number): Promise<number> {
    let removed = 0;
    for (const sha256 of await this.#list()) {
      const since = await this.#timeOf(sha256);
      if (since === undefined) {
        const { size } = await Deno.stat(join(this.dir, sha256));
        await this.#write({ sha256, size, quarantined: now, why: "unknown" });
      } else if (since < now - QUARANTINE_MS) {
        await remove(join(this.dir, sha256));
        await remove(join(this.dir, `${sha256}.json`));
        removed++;
      }
    }
    return removed;
  }

  /** How many contents are here, and their bytes. */
  async size(): Promise<{ readonly count: number; readonly bytes: number }> {
    const names = await this.#list();
    let bytes = 0;
    for (const name of names) {
      // One of them may have been released or removed meanwhile.
      bytes += (await Deno.stat(join(this.dir, name)).catch(() => undefined))?.size ?? 0;
    }
    return { count: names.length, bytes };
  }

  async #list(): Promise<string[]> {
    try {
      const entries = await Array.fromAsync(Deno.readDir(this.dir));
      return entries.map(({ name }) => name).filter((name) => SHA256.test(name));
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return [];
      throw error;
    }
  }

  /** When bytes came here; `undefined` if that cannot be read. */
  async #timeOf(sha256: string): Promise<number | undefined> {
    try {
      const note: unknown = JSON.parse(
        await Deno.readTextFile(join(this.dir, `${sha256}.json`)),
      );
      if (typeof note !== "object" || note === null || !("quarantined" in note)) return undefined;
      const { quarantined } = note;
      return typeof quarantined === "number" ? quarantined : undefined;
    } catch (error) {
      if (error instanceof SyntaxError || error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    }
  }

  async #has(sha256: string): Promise<boolean> {
    try {
      return (await Deno.stat(join(this.dir, sha256))).isFile;
    } catch (error) {
      if (error instanceof Deno.errors.NotFound) return false;
      throw error;
    }
  }

  async #write(note: QuarantineNote): Promise<void> {
    const path = join(this.dir, `${note.sha256}.json`);
    await Deno.writeTextFile(path, `${JSON.stringify(note)}\n`, { mode: FILE_MODE });
  }
}

async function remove(path: string): Promise<void> {
  try {
    await Deno.remove(path);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
