/**
 * Why a data directory cannot be used.
 *
 * @module
 */

/** The data directory cannot be used. The message is one line that says why and what to do about it. */
export class DataError extends Error {
  override readonly name = "DataError";
}

/** The message of an error from the system or from SQLite, without error number and stack. */
export function reasonOf(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\).*$/s, "");
}
