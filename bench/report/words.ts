/**
 * Formats figures for people.
 *
 * @module
 */
import type { Limit } from "./summary.ts";

/** Formats a count to three digits: `12.3 M`, `441 k`, `20`. */
export function formatCount(value: number): string {
  if (value < 999.5 && Number.isInteger(value)) return String(value);
  const [divisor, unit] = value >= 999_500 ? [1e6, " M"] : value >= 999.5 ? [1e3, " k"] : [1, ""];
  return `${formatRatio(value / divisor)}${unit}`;
}

/** Formats a ratio to three digits: `2.31`, `23.1`, `231`. */
export function formatRatio(ratio: number): string {
  return ratio.toFixed(ratio < 9.995 ? 2 : ratio < 99.95 ? 1 : 0);
}

/** Formats a time: `315 µs`, `2.59 ms`, `1.16 s`. */
export function formatMicroseconds(us: number): string {
  if (us < 999.5) return `${Math.round(us)} µs`;
  return us < 999_500 ? `${formatRatio(us / 1e3)} ms` : `${formatRatio(us / 1e6)} s`;
}

/** Formats a share of one processor: `56 %`. */
export function formatShare(share: number): string {
  return `${(share * 100).toFixed(0)} %`;
}

/** Names the bottleneck, for a table. */
export function formatLimit(limit: Limit): string {
  return {
    server: "server",
    generator: "load generator",
    both: "server and load generator",
    neither: "neither: disk or machine",
    unknown: "unknown",
  }[limit];
}
