/**
 * Copies files so that they survive a power cut once the call returns, readable for their owner only.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { join } from "node:path";
import { PRIVATE_DIRECTORY, PRIVATE_FILE } from "./modes.ts";
import { namesIn, UPLOADS } from "./layout.ts";

/** Bytes read at a time. */
const CHUNK = 1024 * 1024;

/** The name of an upload's bytes. */
const SHA256 = /^[0-9a-f]{64}$/;

/** Makes a directory with those above it. */
export function makePrivately(dir: string): void {
  Deno.mkdirSync(dir, { recursive: true, mode: PRIVATE_DIRECTORY });
}

/** Waits until a file is on the disk, and makes it private. */
export function settleFile(path: string): void {
  if (Deno.build.os !== "windows") Deno.chmodSync(path, PRIVATE_FILE);
  const file = Deno.openSync(path, { read: true, write: true });
  try {
    file.syncSync();
  } finally {
    file.close();
  }
}

/** Waits until the entries of a directory are on the disk. Nothing to do on Windows. */
export function settleDirectory(path: string): void {
  if (Deno.build.os === "windows") return;
  const directory = Deno.openSync(path);
  try {
    directory.syncSync();
  } finally {
    directory.close();
  }
}

/** Writes a small file. */
export function writeDurably(path: string, text: string): void {
  Deno.writeTextFileSync(path, text, { mode: PRIVATE_FILE });
  settleFile(path);
}

/** Copies a file. */
export function copyDurably(from: string, to: string): void {
  Deno.copyFileSync(from, to);
  settleFile(to);
}

/** SHA-256 and size of a file. */
export function digestFile(path: string): { sha256: string; size: number } {
  const hash = createHash("sha256");
  const buffer = new Uint8Array(CHUNK);
  const file = Deno.openSync(path);
  try {
    let size = 0;
    for (let read = file.readSync(buffer); read !== null; read = file.readSync(buffer)) {
      hash.update(buffer.subarray(0, read));
      size += read;
    }
    return { sha256: hash.digest("hex"), size };
  } finally {
    file.close();
  }
}

/** Where the bytes of an upload are in a data directory. */
export function uploadPath(dir: string, sha256: string): string {
  return join(dir, UPLOADS, sha256.slice(0, 2), sha256);
}

/** The SHA-256 of all uploads in a data directory. */
export function* listUploads(dir: string): Generator<string> {
  for (const folder of namesIn(join(dir, UPLOADS)) ?? []) {
    if (!/^[0-9a-f]{2}$/.test(folder)) continue;
    for (const name of namesIn(join(dir, UPLOADS, folder)) ?? []) {
      if (SHA256.test(name) && name.startsWith(folder)) yield name;
    }
  }
}

/**
 * Copies uploads that the target lacks, or links them where both are on one disk: their bytes never change.
 * An upload that goes meanwhile is left out.
 */
export function copyUploads(from: string, to: string, { link }: { link: boolean }): void {
  makePrivately(join(to, UPLOADS));
  const folders = new Set<string>();
  for (const sha256 of listUploads(from)) {
    const target = uploadPath(to, sha256);
    const folder = join(target, "..");
    if (!folders.has(folder)) makePrivately(folder);
    folders.add(folder);
    copyUpload(uploadPath(from, sha256), target, link);
  }
  for (const folder of folders) settleDirectory(folder);
  settleDirectory(join(to, UPLOADS));
}

function copyUpload(from: string, to: string, link: boolean): void {
  try {
    if (!link || !linked(from, to)) copyDurably(from, to);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Whether a link could be made, or is there. */
function linked(from: string, to: string): boolean {
  try {
    Deno.linkSync(from, to);
    return true;
  } catch (error) {
    if (error instanceof Deno.errors.AlreadyExists) return true;
    if (error instanceof Deno.errors.NotFound) throw error;
    return false;
  }
}
