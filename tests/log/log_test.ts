import { getLogger } from "@logtape/logtape";
import type { LogFormat, LogLevel } from "../../config/config.ts";
import { type LogOutput, openLog, ROOT } from "../../log/log.ts";
import { assert, assertEquals, assertFalse } from "../support/assert.ts";

/** Keeps what is written. */
class TextOutput implements LogOutput {
  text = "";
  readonly #terminal: boolean;

  constructor(terminal = false) {
    this.#terminal = terminal;
  }

  isTerminal(): boolean {
    return this.#terminal;
  }

  write(bytes: Uint8Array): Promise<number> {
    this.text += new TextDecoder().decode(bytes);
    return Promise.resolve(bytes.length);
  }

  get messages(): string[] {
    return this.text.trimEnd().split("\n").map((line) => JSON.parse(line).message);
  }
}

const logger = getLogger([ROOT, "test"]);

async function textOf(format: LogFormat, terminal: boolean): Promise<string> {
  const output = new TextOutput(terminal);
  const log = openLog({ level: "info", format }, output);
  logger.info("Hello", { number: 7 });
  await log.flush();
  return output.text;
}

Deno.test("openLog() logs its level and more severe ones", async () => {
  const table: [LogLevel, string[]][] = [
    ["debug", ["debug", "info", "warn", "error", "fatal"]],
    ["info", ["info", "warn", "error", "fatal"]],
    ["warn", ["warn", "error", "fatal"]],
    ["error", ["error", "fatal"]],
  ];
  for (const [level, expected] of table) {
    const output = new TextOutput();
    const log = openLog({ level, format: "json" }, output);
    for (const name of ["trace", "debug", "info", "warn", "error", "fatal"] as const) {
      logger[name](name);
    }
    await log.flush();
    assertEquals(output.messages, expected);
  }
});

Deno.test("openLog() does not gather properties for a level that is off", () => {
  openLog({ level: "warn", format: "json" }, new TextOutput());
  let gathered = false;
  logger.info("Connected", () => {
    gathered = true;
    return {};
  });
  assertFalse(gathered);
});

Deno.test("openLog() writes for people on a terminal, and JSON lines elsewhere", async () => {
  assert((await textOf("auto", false)).startsWith('{"time":'));
  assertFalse((await textOf("auto", true)).startsWith("{"));
});

Deno.test("openLog() uses the configured format on any output", async () => {
  assert((await textOf("json", true)).startsWith('{"time":'));
  const pretty = await textOf("pretty", false);
  assert(pretty.endsWith("Hello  number=7\n"), pretty);
});

Deno.test("openLog() uses no colours if the output is not a terminal", async () => {
  assertFalse((await textOf("pretty", false)).includes("\x1b"));
});

Deno.test("openLog() replaces the previous setup", async () => {
  const before = new TextOutput();
  openLog({ level: "info", format: "json" }, before);
  await textOf("json", false);
  assertEquals(before.text, "");
});

Deno.test("openLog() counts the records that it drops", async () => {
  const { promise, resolve } = Promise.withResolvers<void>();
  const output = new TextOutput();
  const stalled: LogOutput = {
    isTerminal: () => false,
    write: async (bytes) => {
      await promise;
      return await output.write(bytes);
    },
  };
  const log = openLog({ level: "info", format: "json" }, stalled);
  const filler = "x".repeat(100_000);
  for (let i = 0; i < 20; i++) logger.info("Filled", { filler });
  resolve();
  await log.flush();
  assertEquals(output.messages.slice(0, 10), Array(10).fill("Filled"));
  const last = JSON.parse(output.text.trimEnd().split("\n").at(-1) ?? "");
  assertEquals(
    [last.level, last.category, last.message, last.count],
    ["warn", "hubbub.log", "Log records were dropped because the log was not read in time", 10],
  );
});
