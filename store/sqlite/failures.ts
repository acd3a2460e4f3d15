/**
 * Tells the failures of SQLite apart. The runtime passes on SQLite's messages but not its codes.
 *
 * @module
 */
import { DamageError } from "../../sqlite/data_error.ts";

/** Another connection is writing; the call can be repeated. */
export class BusyError extends Error {
  override readonly name = "BusyError";
}

const BUSY = /database is locked/;

/** What SQLite says of a file that is not as it left it. */
const DAMAGED = /malformed|not a database|corrupt/;

/** What it says when a system call has failed for another reason than a full disk. */
const DISK_FAILED = /disk I\/O error|unable to open database file/;

/** Whether another connection is writing. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && BUSY.test(error.message);
}

/** Whether SQLite has found a file damaged. */
export function isDamaged(error: unknown): boolean {
  return error instanceof Error && DAMAGED.test(error.message);
}

/** Whether, after this failure of a `COMMIT`, nobody can tell what is on the disk. */
export function losesWrites(error: unknown): boolean {
  return isDamaged(error) || (error instanceof Error && DISK_FAILED.test(error.message));
}

/**
 * An error that says what is damaged.
 *
 * @param what cannot be read: `messages 1 to 64 of room "lobby"`
 * @param why after a colon
 */
export function damage(what: string, why: string, cause?: unknown): DamageError {
  return new DamageError(
    `Cannot read ${what} in hubbub.db: ${why}; stop the server and run "hubbub check"`,
    { cause },
  );
}

/** An error that says that rooms are missing. */
export function roomsMissing(): DamageError {
  return damage("the list of rooms", "it lacks rooms whose messages are there");
}
