/**
 * Makes text of other people harmless to a terminal: what would steer it instead of being shown, and
 * what would turn the direction of other text, is replaced by something visible. Imports nothing.
 *
 * @module
 */

/**
 * C0 and C1 controls, among them the beginnings of escape sequences (ECMA-48 §5), and line and
 * paragraph separators.
 */
const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;

/** Bidirectional controls (Unicode UAX #9) and what shows nothing of itself but the emoji's joiner. */
const INVISIBLE = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** Where the pictures of C0 controls begin: ␀. */
const PICTURES = 0x2400;

/** Columns between two tab stops. */
const TAB = "    ";

/** Text of several lines: line breaks stay, tabs become spaces. */
export function harmless(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/\t/g, TAB).replace(
    CONTROLS,
    (control) => control === "\n" ? "\n" : picture(control),
  ).replace(INVISIBLE, "\ufffd");
}

/** As {@linkcode harmless}, in one line: names, errors, titles. */
export function harmlessLine(text: string): string {
  return harmless(text).replace(/\n+/g, " ");
}

/** Writes a value as JSON that is harmless to a terminal as well, and the same value to a reader. */
export function harmlessJson(value: unknown): string {
  const escape = (character: string) =>
    `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`;
  return JSON.stringify(value).replace(CONTROLS, escape).replace(INVISIBLE, escape);
}

function picture(control: string): string {
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(PICTURES + code);
  return code === 0x7f ? "\u2421" : "\ufffd";
}
