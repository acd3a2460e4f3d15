/**
 * Why a data directory cannot be used.
 *
 * @module
 */

/** A store cannot be opened. The message is one line that says what to do about it. */
export class StoreOpenError extends Error {
  override readonly name = "StoreOpenError";
}

/** What the system or SQLite said, without its prefixes and stack. */
export function reason(error: unknown): string {
  const text = error instanceof Error ? error.message : String(error);
  return text.replace(/ \(os error \d+\).*$/s, "");
}
