/**
 * The errors that end a command. Their messages are complete in one line; `main.ts` prints them after
 * the program's name and exits with their exit code.
 *
 * @module
 */

/** The command line or the environment is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly exitCode = 2;
}

/**
 * The command cannot start or do its work (port in use, directory not writable, server unreachable):
 * exit code 1. The message says what failed and what to do about it.
 */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly exitCode = 1;
}
