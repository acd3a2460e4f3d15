/**
 * Formats tables for people.
 *
 * @module
 */
import { harmlessLine } from "../text/harmless.ts";
import { textWidth } from "./chat/width.ts";

/** Columns between two cells. */
const GAP = "  ";

/** Aligns rows in columns as wide as the widest cell on a terminal; the first row is the head. */
export function formatTable(rows: readonly (readonly string[])[]): string {
  const lines = rows.map((row) => row.map(harmlessLine));
  const widths: number[] = [];
  for (const line of lines) {
    line.forEach((cell, i) => widths[i] = Math.max(widths[i] ?? 0, textWidth(cell)));
  }
  return lines.map((line) =>
    line.map((cell, i) => cell + " ".repeat((widths[i] ?? 0) - textWidth(cell))).join(GAP).trimEnd()
  ).join("\n");
}

/** A time as `2026-11-28 16:13Z`: sortable, and the same on every machine. */
export function formatTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 16).replace("T", " ")}Z`;
}
