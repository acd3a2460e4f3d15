/**
 * The failures of `hubbub.db` that its store tells apart from those of any database (`sqlite/data_error.ts`).
 *
 * @module
 */
import { DamageError } from "../../sqlite/data_error.ts";

/** Another connection is writing; the call can be repeated. */
export class BusyError extends Error {
  override readonly name = "BusyError";
}

const BUSY = /database is locked/;

/** Whether another connection is writing. */
export function isBusy(error: unknown): boolean {
  return error instanceof Error && BUSY.test(error.message);
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
