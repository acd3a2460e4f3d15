/**
 * A benchmark as a command: what went wrong is said in one line.
 *
 * @module
 */
import { UsageError } from "../../config/errors.ts";

/** Runs it. Ends the process with 2 if a flag was not understood, with 1 if anything else failed. */
export async function runCommand(main: () => Promise<void>): Promise<void> {
  try {
    await main();
  } catch (error) {
    console.error(error instanceof Error ? error.message.split("\n")[0] : error);
    Deno.exit(isUsage(error) ? 2 : 1);
  }
}

/** `parseArgs` throws errors of its own for flags that it does not know or that lack a value. */
function isUsage(error: unknown): boolean {
  if (error instanceof UsageError) return true;
  return error instanceof Error && "code" in error &&
    String(error.code).startsWith("ERR_PARSE_ARGS");
}
