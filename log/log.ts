/**
 * Sets up logging with LogTape: one line per record, written to standard error in the background.
 *
 * A module that logs takes a `Logger` as a parameter, or gets one from LogTape with a category that
 * starts with {@linkcode ROOT}: `getLogger([ROOT, "server"])`. The message is a constant, possibly
 * with placeholders, and everything variable is a property:
 *
 * ```ts
 * logger.info("Connection {number} opened", { number: 7, ip: "127.0.0.1" });
 * ```
 *
 * - Messages, tokens and sessions are never logged.
 * - A disabled level costs less than a tenth of a microsecond. If properties are expensive to gather,
 *   pass `() => ({ … })`, which is only called if the level is enabled.
 *
 * @module
 */
import {
  configureSync,
  type LogLevel as TapeLevel,
  type LogRecord,
  type TextFormatter,
} from "@logtape/logtape";
import type { LogConfig, LogLevel } from "../config/config.ts";
import { formatJson, prettyFormatter } from "./format.ts";
import { type ByteWriter, LineWriter } from "./writer.ts";

/** The first part of every category. */
export const ROOT = "hubbub";

/** The output of the log. */
export interface LogOutput extends ByteWriter {
  isTerminal(): boolean;
}

/** An open log. */
export interface Log {
  /**
   * Waits until all records have been written, at most {@linkcode FLUSH_TIMEOUT}. To be called before
   * the process exits; logging may go on afterwards.
   */
  flush(): Promise<void>;
}

/** Maximum wait for an output that nobody reads, in milliseconds. */
export const FLUSH_TIMEOUT = 1000;

const TAPE_LEVELS: Readonly<Record<LogLevel, TapeLevel>> = {
  debug: "debug",
  info: "info",
  warn: "warning",
  error: "error",
};

/** Directs all loggers of the process to `output`. Replaces the previous setup. */
export function openLog(config: LogConfig, output: LogOutput = Deno.stderr): Log {
  const format = chooseFormat(config, output);
  const writer = new LineWriter(output, { lostLine: (count) => format(lostRecord(count)) });
  configureSync({
    reset: true,
    sinks: { out: (record) => writer.write(format(record)) },
    loggers: [
      { category: ROOT, sinks: ["out"], lowestLevel: TAPE_LEVELS[config.level] },
      { category: ["logtape", "meta"], sinks: ["out"], lowestLevel: "error" },
    ],
  });
  return {
    async flush() {
      await writer.flush(FLUSH_TIMEOUT);
    },
  };
}

function chooseFormat(config: LogConfig, output: LogOutput): TextFormatter {
  const terminal = output.isTerminal();
  const pretty = config.format === "auto" ? terminal : config.format === "pretty";
  return pretty ? prettyFormatter({ colors: terminal && !Deno.noColor }) : formatJson;
}

/** Reports records that were dropped because nobody read the earlier ones in time. */
function lostRecord(count: number): LogRecord {
  const message = "Log records were dropped because the log was not read in time";
  return {
    category: [ROOT, "log"],
    level: "warning",
    message: [message],
    rawMessage: message,
    timestamp: Date.now(),
    properties: { count },
  };
}
