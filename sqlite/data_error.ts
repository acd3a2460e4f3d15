/**
 * What can be wrong with the data: they cannot be used, are damaged, or can no longer be written.
 *
 * @module
 */

/** The data directory cannot be used. The message is one line that says why and what to do about it. */
export class DataError extends Error {
  override readonly name = "DataError";
}

/**
 * What was written may or may not be on the disk: syncing has failed, and a retry would not tell. Nothing can
 * be written any more, so the process has to end and start again on what is there.
 */
export class LostWriteError extends Error {
  override readonly name = "LostWriteError";
}

/** Data are damaged. The message is one line that says which file, what is wrong with it, and what to do. */
export class DamageError extends Error {
  override readonly name = "DamageError";
}

/** The message of an error from the system or from SQLite, without error number and stack. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\).*$/s, "");
}
