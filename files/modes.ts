/**
 * Keeps what people upload from other users of the machine: folders have mode 0700 and files 0600. On
 * Windows, which has no modes, the rights of the directory above apply.
 *
 * @module
 */
import { join } from "node:path";

const FOLDER_MODE = 0o700;

/** The mode of a file that only this user may read. */
export const FILE_MODE = 0o600;

/** Makes a folder, and those above it, if necessary. */
export function makeFolder(path: string): void {
  Deno.mkdirSync(path, { recursive: true, mode: FOLDER_MODE });
}

/**
 * Takes the rights of others away from a folder and what is in it. Looks into a folder only if others have
 * rights to it, so that it costs one look-up for each folder from the second time on.
 *
 * @param depth how many levels of folders there are below it
 */
export function tightenFolder(path: string, depth: number): void {
  if (Deno.build.os === "windows") return;
  for (const { name, isDirectory } of depth > 0 || isLax(path) ? Deno.readDirSync(path) : []) {
    if (isDirectory) tightenFolder(join(path, name), depth - 1);
    else tightenFile(join(path, name));
  }
  // Last, so that a start which was interrupted is made good by the next one.
  if (isLax(path)) Deno.chmodSync(path, FOLDER_MODE);
}

/** Takes the rights of others away from a file, if there is one. */
export function tightenFile(path: string): void {
  if (Deno.build.os === "windows") return;
  try {
    if (isLax(path)) Deno.chmodSync(path, FILE_MODE);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

/** Whether anybody else has rights to a file or folder. */
function isLax(path: string): boolean {
  return ((Deno.lstatSync(path).mode ?? 0) & 0o077) !== 0;
}
