/**
 * Formats sizes for people. Imports nothing.
 *
 * @module
 */

/** Formats a size with one decimal, such as `1.4 MiB`. */
export function roundSize(bytes: number): string {
  const units = ["KiB", "MiB", "GiB"];
  if (bytes < 1024) return `${bytes} B`;
  let value = bytes / 1024;
  let unit = 0;
  while (value >= 1024 && unit < units.length - 1) {
    value /= 1024;
    unit++;
  }
  return `${value.toFixed(1)} ${units[unit]}`;
}
