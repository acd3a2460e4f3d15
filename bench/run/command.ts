/**
 * Runs a benchmark as a command, with errors in one line.
 *
 * @module
 */
import { UsageError } from "../../config/errors.ts";

/** Runs a benchmark. Exits with 2 if a flag is wrong, with 1 if anything else fails. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message.split("\n")[0] : error);
    Deno.exit(isUsage(error) ? 2 : 1);
  }
}

/** `parseArgs` throws its own errors for unknown flags and missing values. */
function isUsage(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  return error instanceof Error && "code" in error &&
    String(error.code).startsWith("ERR_PARSE_ARGS");
}
