/**
 * The errors that end a command. Their messages are complete in one line; `main.ts` prints them after
 * the program's name and exits with their exit code.
 *
 * @module
 */

/** What a process ends with. docs/operations.md lists them for whoever supervises it. */
export const EXIT = {
  /** Done, or stopped as asked. */
  done: 0,
  /** It could not start or do its work, or has ended because of a defect. */
  failed: 1,
  /** The command line or the environment is wrong: starting again does not help. */
  usage: 2,
  /**
   * The disk has failed, or data are damaged: `EX_IOERR` of sysexits.h. Started again, the server goes on with
   * what the disk has, or says what is damaged.
   */
  disk: 74,
} as const;

/** The command line or the environment is wrong: exit code 2. */
export class UsageError extends Error {
  override readonly name = "UsageError";
  readonly exitCode = EXIT.usage;
}

/**
 * The command cannot start or do its work (port in use, directory not writable, server unreachable):
 * exit code 1. The message says what failed and what to do about it.
 */
export class StartError extends Error {
  override readonly name = "StartError";
  readonly exitCode = EXIT.failed;
}
