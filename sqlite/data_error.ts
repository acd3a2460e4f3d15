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

/** Result codes of SQLite (<https://sqlite.org/rescode.html>). */
const SQLITE_IOERR = 10;
const SQLITE_CORRUPT = 11;
const SQLITE_NOTADB = 26;
/** A write failed, for another reason than a full disk: a quota, for example. */
const SQLITE_IOERR_WRITE = 778;

/** What SQLite says with a code. `DatabaseSync.exec` of Deno tells no codes. */
const CODES: readonly (readonly [says: RegExp, code: number])[] = [
  [/^disk I\/O error/, SQLITE_IOERR],
  [/malformed/, SQLITE_CORRUPT],
  [/not a database/, SQLITE_NOTADB],
];

/**
 * Whether it is unknown what is on the disk after a commit has failed with this error. Not if there was no
 * room, or no lock: then SQLite has undone the transaction. A quota looks like a failed disk unless the commit
 * was a prepared statement.
 */
export function isLostWrite(error: unknown): boolean {
  if (error instanceof LostWriteError) return true;
  const code = codeOf(error);
  return code !== SQLITE_IOERR_WRITE && [SQLITE_IOERR, SQLITE_CORRUPT].includes(code & 0xff);
}

/** Whether this error says that a database is damaged. */
export function isDamage(error: unknown): boolean {
  if (error instanceof DamageError) return true;
  return [SQLITE_CORRUPT, SQLITE_NOTADB].includes(codeOf(error) & 0xff);
}

/** The extended result code of an error of SQLite; 0 of any other. */
function codeOf(error: unknown): number {
  if (!(error instanceof Error)) return 0;
  const code = "errcode" in error ? error.errcode : undefined;
  if (typeof code === "number") return code;
  return CODES.find(([says]) => says.test(error.message))?.[1] ?? 0;
}
