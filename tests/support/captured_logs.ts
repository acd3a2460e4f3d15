/**
 * What is logged during a test.
 *
 * @module
 */
import { configureSync, type LogRecord, resetSync } from "@logtape/logtape";

/** Captures every record of the server, debug ones included, until it is disposed of. */
export class CapturedLogs implements Disposable {
  readonly #records: LogRecord[] = [];

  constructor() {
    configureSync({
      reset: true,
      sinks: { list: (record) => this.#records.push(record) },
      loggers: [
        { category: "hubbub", sinks: ["list"], lowestLevel: "debug" },
        { category: ["logtape", "meta"], sinks: [], lowestLevel: "error" },
      ],
    });
  }

  /** The records as `level: message`. */
  get lines(): string[] {
    return this.#records.map(({ level, message }) => {
      const parts = message.map((part) => typeof part === "string" ? part : inspect(part));
      return `${level}: ${parts.join("")}`;
    });
  }

  [Symbol.dispose](): void {
    resetSync();
  }
}

function inspect(value: unknown): string {
  return Deno.inspect(value, { depth: 10, strAbbreviateSize: 100_000 });
}
