/**
 * `hubbub serve`: from flags to a running server, with its log.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { serveConfig } from "../config/config.ts";
import { openLog, ROOT } from "../log/log.ts";
import { runServe } from "../server/server.ts";
import type { Input } from "./command.ts";
import type { SERVE_FLAGS } from "../config/serve_flags.ts";

/** Runs the server until it is told to stop. */
export async function run(input: Input<typeof SERVE_FLAGS>): Promise<number> {
  const config = serveConfig(input.flags);
  const log = openLog(config.log);
  const logger = getLogger([ROOT, "config"]);
  for (const warning of input.warnings) logger.warn(warning);
  try {
    return await runServe(config);
  } finally {
    await log.flush();
  }
}
