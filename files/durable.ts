/**
 * Flushes files and directories from the operating system's cache to the disk, asynchronously.
 *
 * @module
 */

/** Resolves when everything written to a file so far survives a power cut. */
export async function syncFile(path: string): Promise<void> {
  // Windows only flushes files that are open for writing.
  const file = await Deno.open(path, { read: true, write: true });
  try {
    await file.syncData();
  } finally {
    file.close();
  }
}

/** Resolves when a directory's entries survive a power cut. Nothing to do on Windows. */
export async function syncDirectory(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const directory = await Deno.open(path);
  try {
    await directory.sync();
  } finally {
    directory.close();
  }
}
