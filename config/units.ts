/**
 * Parses and formats sizes and durations as people write them: `25MiB`, `90d`. Imports nothing.
 *
 * @module
 */

/** Milliseconds in each unit, largest first. */
const DURATION_UNITS: ReadonlyMap<string, number> = new Map([
  ["d", 86_400_000],
  ["h", 3_600_000],
  ["m", 60_000],
  ["s", 1000],
  ["ms", 1],
]);

/** Bytes in each unit (IEC 80000-13), largest first. */
const SIZE_UNITS: ReadonlyMap<string, number> = new Map([
  ["TiB", 2 ** 40],
  ["GiB", 2 ** 30],
  ["MiB", 2 ** 20],
  ["KiB", 2 ** 10],
  ["B", 1],
]);

/**
 * Parses a duration: a whole number followed by `ms`, `s`, `m`, `h` or `d`. `0` needs no unit.
 *
 * @returns milliseconds, a safe integer; `undefined` if `text` is not a duration
 */
export function parseDuration(text: string): number | undefined {
  return text === "0" ? 0 : parseQuantity(text, DURATION_UNITS);
}

/** Formats milliseconds in the largest unit that gives a whole number. */
export function formatDuration(ms: number): string {
  return ms === 0 ? "0" : formatQuantity(ms, DURATION_UNITS);
}

/**
 * Parses a size: a whole number of bytes, or one followed by `B`, `KiB`, `MiB`, `GiB` or `TiB` in
 * any letter case. `MB` and `M` are rejected because people read them as different numbers.
 *
 * @returns bytes, a safe integer; `undefined` if `text` is not a size
 */
export function parseSize(text: string): number | undefined {
  return parseQuantity(/^\d+$/.test(text) ? `${text}B` : text, SIZE_UNITS);
}

/** Formats bytes in the largest unit that gives a whole number; plain bytes have no unit. */
export function formatSize(bytes: number): string {
  return bytes === 0 ? "0" : formatQuantity(bytes, SIZE_UNITS).replace(/(?<=\d)B$/, "");
}

function parseQuantity(text: string, units: ReadonlyMap<string, number>): number | undefined {
  const match = /^(\d{1,16})([a-z]+)$/i.exec(text);
  const [, digits = "", name = ""] = match ?? [];
  for (const [unit, factor] of units) {
    if (unit.toLowerCase() !== name.toLowerCase()) continue;
    const value = Number(digits) * factor;
    return Number.isSafeInteger(value) ? value : undefined;
  }
  return undefined;
}

function formatQuantity(value: number, units: ReadonlyMap<string, number>): string {
  for (const [unit, factor] of units) {
    if (value % factor === 0) return `${value / factor}${unit}`;
  }
  throw new RangeError(`Cannot write quantity: must be a whole number, received ${value}`);
}
