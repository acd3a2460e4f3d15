import type { LogRecord } from "@logtape/logtape";
import fc from "fast-check";
import { formatJson, prettyFormatter } from "../../log/format.ts";
import {
  assert,
  assertEquals,
  assertFalse,
  assertMatch,
  assertNotMatch,
  assertStringIncludes,
} from "../support/assert.ts";

const TIME = Date.UTC(2026, 0, 2, 3, 4, 5, 6);

/** A record as LogTape makes it: texts and values alternate in `message`. */
function record(overrides: Partial<LogRecord> = {}): LogRecord {
  return {
    category: ["hubbub", "server"],
    level: "info",
    message: ["Client connected"],
    rawMessage: "Client connected",
    timestamp: TIME,
    properties: {},
    ...overrides,
  };
}

const plain = prettyFormatter({ colors: false });

/** Hostile to terminals, line-based tools, or JSON. */
const NASTY = 'a\nb\r\u0000\u001b[2J\u009b31m\u202e\u2028\u{e0041}\ud800"\\';

Deno.test("formatJson() writes time, level, category, message, then the properties flat", () => {
  const properties = { number: 7, ip: "::1", admin: false, room: null };
  assertEquals(
    formatJson(record({ properties })),
    '{"time":"2026-01-02T03:04:05.006Z","level":"info","category":"hubbub.server",' +
      '"message":"Client connected","number":7,"ip":"::1","admin":false,"room":null}\n',
  );
});

Deno.test("formatJson() names the levels as --log-level does", () => {
  const levels = (["trace", "debug", "info", "warning", "error", "fatal"] as const)
    .map((level) => JSON.parse(formatJson(record({ level }))).level);
  assertEquals(levels, ["debug", "debug", "info", "warn", "error", "error"]);
});

Deno.test("formatJson() fills in placeholders", () => {
  const message = ["Connection ", 7, " from ", "a b", " closed"];
  assertEquals(
    JSON.parse(formatJson(record({ message }))).message,
    "Connection 7 from a b closed",
  );
});

Deno.test("formatJson() lets no property take over one of its own keys", () => {
  const properties = { time: 1, level: "x", category: "y", message: "z" };
  const { _time, _level, _category, _message, ...own } = JSON.parse(
    formatJson(record({ properties })),
  );
  assertEquals([_time, _level, _category, _message], [1, "x", "y", "z"]);
  assertEquals(own, {
    time: "2026-01-02T03:04:05.006Z",
    level: "info",
    category: "hubbub.server",
    message: "Client connected",
  });
});

Deno.test("formatJson() writes an error with its stack and its causes", () => {
  const error = new TypeError("outer", { cause: new RangeError("inner") });
  const text = JSON.parse(formatJson(record({ properties: { error } }))).error;
  assertMatch(text, /^TypeError: outer\n\s+at .*format_test\.ts/);
  assertStringIncludes(text, "RangeError: inner");
});

Deno.test("formatJson() writes values that JSON cannot express", () => {
  const circle: Record<string, unknown> = { name: "ring" };
  circle["self"] = circle;
  const properties = { big: 2n ** 64n, none: undefined, far: Infinity, nan: NaN };
  const line = JSON.parse(formatJson(record({ properties })));
  assertEquals([line.big, "none" in line, line.far, line.nan], [
    "18446744073709551616",
    false,
    "Infinity",
    "NaN",
  ]);
  const circular = JSON.parse(formatJson(record({ properties: { circle, number: 7 } })));
  assertStringIncludes(circular.circle, "ring");
  assertEquals(circular.number, 7);
});

Deno.test("formatJson() keeps any property intact, on one line of printable characters", () => {
  const text = fc.oneof(fc.constant(NASTY), fc.string({ unit: "binary" }));
  fc.assert(fc.property(text, (name) => {
    const line = formatJson(record({ message: ["Said ", name], properties: { name } }));
    assertNotMatch(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
    assertEquals(line.at(-1), "\n");
    assertEquals(JSON.parse(line).name, name);
    assertEquals(JSON.parse(line).message, `Said ${name}`);
  }));
});

Deno.test("prettyFormatter() writes local time, level, category, message and properties", () => {
  const properties = { number: 7, reason: "going away", path: "/ws", gone: undefined };
  assertMatch(
    plain(record({ properties })),
    /^\d\d:\d\d:05\.006 {2}INFO {3}server {2}Client connected {2}number=7 {2}reason="going away" {2}path=\/ws\n$/,
  );
});

Deno.test("prettyFormatter() does not repeat properties that the message contains", () => {
  const line = plain(record({
    message: ["Connection ", 7, " opened"],
    rawMessage: "Connection {number} opened",
    properties: { number: 7, ip: "::1" },
  }));
  assert(line.endsWith("server  Connection 7 opened  ip=::1\n"), line);
});

Deno.test("prettyFormatter() puts an error's stack on lines of its own", () => {
  const error = new Error(`boom\u001b[2J`, { cause: new RangeError("inner") });
  const [first, second, ...rest] = plain(record({ properties: { error, number: 1 } })).split("\n");
  assert(first?.endsWith("Client connected  number=1"), first);
  assertEquals(second, "    Error: boom\\u001b[2J");
  assertStringIncludes(rest.join("\n"), "RangeError: inner");
  assertEquals(rest.at(-1), "");
});

Deno.test("prettyFormatter() colours only when asked to", () => {
  const properties = { number: 7 };
  assertStringIncludes(
    prettyFormatter({ colors: true })(record({ properties })),
    "\x1b[32mINFO \x1b[0m",
  );
  assertFalse(plain(record({ properties })).includes("\x1b"));
});

Deno.test("prettyFormatter() escapes every property", () => {
  const text = fc.oneof(fc.constant(NASTY), fc.string({ unit: "binary" }));
  fc.assert(fc.property(text, (name) => {
    const line = plain(record({
      message: ["Said ", name],
      properties: { name, deep: { name: [name] } },
    }));
    assertNotMatch(line.slice(0, -1), /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/u);
  }));
});
