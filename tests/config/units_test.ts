import fc from "fast-check";
import { formatDuration, formatSize, parseDuration, parseSize } from "../../config/units.ts";
import { assertEquals, assertThrows } from "../support/assert.ts";
import { codePoint } from "../support/code_point.ts";

const MAX = Number.MAX_SAFE_INTEGER;

Deno.test("parseDuration() reads each unit", () => {
  const table: [string, number][] = [
    ["500ms", 500],
    ["20s", 20_000],
    ["5m", 300_000],
    ["1h", 3_600_000],
    ["90d", 7_776_000_000],
    ["0", 0],
    ["0s", 0],
    ["007s", 7000],
    ["2H", 7_200_000],
  ];
  for (const [text, ms] of table) assertEquals(parseDuration(text), ms, text);
});

Deno.test("parseDuration() refuses what is no duration", () => {
  const bad = ["", "20", "s", "-1s", "1.5h", "1 h", "1h30m", "20sec", "1e3s", "1w", " 1s", "1s\n"];
  for (const text of [...bad, "٣s", "104249991375d", "9999999999999999d", "99999999999999999ms"]) {
    assertEquals(parseDuration(text), undefined, text);
  }
});

Deno.test("parseDuration() reads back what formatDuration() writes", () => {
  fc.assert(fc.property(fc.nat(MAX), (ms) => assertEquals(parseDuration(formatDuration(ms)), ms)));
});

Deno.test("formatDuration() takes the largest unit that leaves a whole number", () => {
  assertEquals(
    [0, 1, 1000, 90_000, 3_600_000, 86_400_000, 86_400_001].map(formatDuration),
    ["0", "1ms", "1s", "90s", "1h", "1d", "86400001ms"],
  );
});

Deno.test("parseSize() reads each unit, in any letter case", () => {
  const table: [string, number][] = [
    ["0", 0],
    ["16384", 16_384],
    ["16384B", 16_384],
    ["16KiB", 16_384],
    ["25MiB", 26_214_400],
    ["25mib", 26_214_400],
    ["10GiB", 10_737_418_240],
    ["1TiB", 1_099_511_627_776],
  ];
  for (const [text, bytes] of table) assertEquals(parseSize(text), bytes, text);
});

Deno.test("parseSize() refuses what is no size, and units of two meanings", () => {
  const bad = ["", "KiB", "-1", "1.5GiB", "1 KiB", "1KB", "1MB", "1M", "1k", "0x10", "1e3", "1PiB"];
  for (const text of [...bad, "9007199254740992", "8192TiB", "99999999999999999"]) {
    assertEquals(parseSize(text), undefined, text);
  }
});

Deno.test("parseSize() reads back what formatSize() writes", () => {
  fc.assert(fc.property(fc.nat(MAX), (bytes) => assertEquals(parseSize(formatSize(bytes)), bytes)));
});

Deno.test("formatSize() takes the largest unit that leaves a whole number", () => {
  assertEquals(
    [0, 1, 1023, 1024, 1536, 2 ** 20, 10 * 2 ** 30, 2 ** 40].map(formatSize),
    ["0", "1", "1023", "1KiB", "1536", "1MiB", "10GiB", "1TiB"],
  );
});

Deno.test("formatSize() refuses a fraction", () => {
  assertThrows(() => formatSize(0.5), RangeError, "received 0.5");
});

Deno.test("parseDuration() and parseSize() never throw", () => {
  fc.assert(fc.property(fc.string({ unit: codePoint }), (text) => {
    parseDuration(text);
    parseSize(text);
  }));
});
