/**
 * Makes a data directory beside the place where it shall be, and moves it there when it is complete.
 *
 * @module
 */
import { randomUUID } from "node:crypto";
import { dirname, join } from "node:path";
import { copyDurably, copyUploads, makePrivately, settleDirectory } from "./durable_copy.ts";
import { MESSAGES, namesIn, statIfThere } from "./layout.ts";
import { PRIVATE_DIRECTORY } from "./modes.ts";

/**
 * Makes a directory.
 *
 * @param target an absolute path at which there is nothing, or an empty directory
 * @param make fills the directory that it is given; if it throws, nothing is left
 */
export function stageBeside<T>(target: string, make: (staged: string) => T): T {
  const staged = `${target}.partial-${randomUUID()}`;
  try {
    makePrivately(staged);
    const result = make(staged);
    putInPlace(staged, target);
    return result;
  } finally {
    if (statIfThere(staged) !== undefined) Deno.removeSync(staged, { recursive: true });
  }
}

/** Moves a directory that is complete to a place at which there is nothing, or an empty directory. */
export function putInPlace(staged: string, target: string): void {
  settleDirectory(staged);
  // An empty directory may be where a disk is mounted, which cannot be replaced itself.
  if (statIfThere(target) !== undefined) moveInto(staged, target);
  else Deno.renameSync(staged, target);
  settleDirectory(dirname(target));
}

/** The messages last: without them, a server refuses to start on the rest. */
function moveInto(staged: string, target: string): void {
  if (Deno.build.os !== "windows") Deno.chmodSync(target, PRIVATE_DIRECTORY);
  const names = (namesIn(staged) ?? []).filter((name) => name !== MESSAGES);
  for (const name of [...names, MESSAGES]) move(join(staged, name), join(target, name));
  settleDirectory(target);
}

function move(from: string, to: string): void {
  try {
    Deno.renameSync(from, to);
  } catch (error) {
    const state = statIfThere(from);
    if (state === undefined) throw error;
    // On another disk, as a mounted directory is. The only folder is that of uploads.
    if (state.isDirectory) copyUploads(dirname(from), dirname(to), { link: false });
    else copyDurably(from, to);
  }
}
