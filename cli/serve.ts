/**
 * `hubbub serve`: checks the configuration, opens the log and runs the server.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { serveConfig } from "../config/config.ts";
import { openLog, ROOT } from "../log/log.ts";
import { runServe } from "../server/run.ts";
import type { Input } from "./command.ts";
import type { SERVE_FLAGS } from "../config/serve_flags.ts";

/** Runs the server until a signal stops it. Resolves after the log has been written. */
export async function run(input: Input<typeof SERVE_FLAGS>): Promise<number> {
  const warnings = [...input.warnings];
  const config = serveConfig(input.flags, (warning) => warnings.push(warning));
  const log = openLog(config.log);
  const logger = getLogger([ROOT, "config"]);
  for (const warning of warnings) logger.warn(warning);
  try {
    return await runServe(config, (line) => console.log(line));
  } finally {
    await log.flush();
  }
}
