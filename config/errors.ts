/**
 * The two ways in which a command ends before its work began. Both carry a message that is complete
 * in one line; `main.ts` prints it after the program's name and exits.
 *
 * @module
 */

/** The command line or the environment is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly exitCode = 2;
}

/**
 * The machine does not let the command start (port in use, directory not writable): exit code 1. The
 * message is one line that says what failed and what to do about it.
 */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly exitCode = 1;
}
