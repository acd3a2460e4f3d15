/**
 * Sets up logging: LogTape, one line a record, to standard error, in the background.
 *
 * A module that logs takes a `Logger` as a parameter, or asks `getLogger` of `@logtape/logtape` for
 * one whose category begins with {@linkcode ROOT}: `getLogger([ROOT, "server"])`. The message is a
 * constant, perhaps with placeholders, and what varies goes into properties:
 *
 * ```ts
 * logger.info("Connection {number} opened", { number: 7, ip: "127.0.0.1" });
 * ```
 *
 * - What people say to each other is never logged, nor are tokens and sessions.
 * - A level that is switched off costs less than a tenth of a microsecond and calls no function that
 *   was given for the properties. Where they are expensive to gather, give `() => ({ … })`.
 *
 * @module
 */
import { configureSync, type LogLevel as TapeLevel, type LogRecord } from "@logtape/logtape";
import type { LogConfig, LogLevel } from "../config/config.ts";
import { type Format, formatJson, prettyFormat } from "./format.ts";
import { type ByteWriter, LineWriter } from "./writer.ts";

/** The first part of every category. */
export const ROOT = "hubbub";

/** Where the log goes. */
export interface LogOutput extends ByteWriter {
  isTerminal(): boolean;
}

/** The log while the program runs. */
export interface Log {
  /**
   * Waits until all that was logged is written, at most {@linkcode FLUSH_TIMEOUT}. The last thing to
   * do before the process exits; logging may go on after it.
   */
  flush(): Promise<void>;
}

/** Longest wait for a standard error that nobody reads, in milliseconds. */
export const FLUSH_TIMEOUT = 1000;

const TAPE_LEVELS: Readonly<Record<LogLevel, TapeLevel>> = {
  debug: "debug",
  info: "info",
  warn: "warning",
  error: "error",
};

/** Directs all loggers of the process to `output`; what was set up before is replaced. */
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

function chooseFormat(config: LogConfig, output: LogOutput): Format {
  const terminal = output.isTerminal();
  const pretty = config.format === "auto" ? terminal : config.format === "pretty";
  return pretty ? prettyFormat({ colors: terminal && !Deno.noColor }) : formatJson;
}

/** Says that records were given up because nobody read the earlier ones in time. */
function lostRecord(count: number): LogRecord {
  const message = "Log records lost: they came faster than they were read";
  return {
    category: [ROOT, "log"],
    level: "warning",
    message: [message],
    rawMessage: message,
    timestamp: Date.now(),
    properties: { count },
  };
}
