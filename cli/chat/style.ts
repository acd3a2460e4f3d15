/**
 * Colours and weights on a terminal (ECMA-48 §8.3.117, SGR), or none of them where `NO_COLOR` is set.
 *
 * @module
 */
import { foldName } from "../../protocol.ts";

/** Turns text into styled text. Styles do not nest. */
export interface Style {
  dim(text: string): string;
  bold(text: string): string;
  /** For what went wrong. */
  alert(text: string): string;
  /** For the line at the first unread message. */
  accent(text: string): string;
  /** For the bar at the top. */
  bar(text: string): string;
  /** A name in its colour, which is the same everywhere and always. */
  name(name: string, text?: string): string;
}

/** Colours of the terminal's own palette that are legible on black and on white. */
const NAME_COLORS = [31, 32, 33, 34, 35, 36, 91, 92, 94, 95, 96];

const plain = (text: string) => text;
const sgr = (code: string) => (text: string) => text === "" ? "" : `\x1b[${code}m${text}\x1b[0m`;

/** @param colors without them, only weight and inversion are left, which are no colours */
export function createStyle(colors: boolean): Style {
  return {
    dim: sgr("2"),
    bold: sgr("1"),
    alert: colors ? sgr("1;31") : sgr("1"),
    accent: colors ? sgr("33") : plain,
    bar: sgr("7"),
    name: (name, text = name) => colors ? sgr(String(colorOf(name)))(text) : text,
  };
}

/** No styles at all, for where there is no terminal. */
export const PLAIN: Style = {
  dim: plain,
  bold: plain,
  alert: plain,
  accent: plain,
  bar: plain,
  name: (name, text = name) => text,
};

/** The colour of a name: FNV-1a over its folded form, so that letter case makes no difference. */
function colorOf(name: string): number {
  let hash = 0x811c9dc5;
  for (const character of foldName(name)) {
    hash = Math.imul(hash ^ (character.codePointAt(0) ?? 0), 0x01000193);
  }
  return NAME_COLORS[(hash >>> 0) % NAME_COLORS.length] ?? 39;
}
