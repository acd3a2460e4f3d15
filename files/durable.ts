/**
 * Putting on the disk what the operating system still holds in memory, without anybody waiting for it
 * but who asks.
 *
 * @module
 */

/** Resolves when what was written to a file so far survives a power cut. */
export async function syncFile(path: string): Promise<void> {
  // Windows flushes only what is open for writing.
  const file = await Deno.open(path, { read: true, write: true });
  try {
    await file.syncData();
  } finally {
    file.close();
  }
}

/** Resolves when a directory's entries survive a power cut; Windows keeps them so by itself. */
export async function syncDirectory(path: string): Promise<void> {
  if (Deno.build.os === "windows") return;
  const directory = await Deno.open(path);
  try {
    await directory.sync();
  } finally {
    directory.close();
  }
}
