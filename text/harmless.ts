/**
 * Makes text that other people wrote safe to print on a terminal: characters that would control the
 * terminal or change the writing direction become visible. Imports nothing.
 *
 * @module
 */

/**
 * C0 and C1 control characters, which include the start of escape sequences (ECMA-48 §5), and line and
 * paragraph separators.
 */
const CONTROLS = /[\p{Cc}\u2028\u2029]/gu;

/** Bidirectional controls (Unicode UAX #9) and other invisible characters, except the joiner of emoji. */
const INVISIBLE = /[\u061c\u200b\u200e\u200f\u202a-\u202e\u2060-\u206f\ufeff\ufff9-\ufffb]/g;

/** The first of the control pictures: ␀. */
const PICTURES = 0x2400;

/** What a tab becomes. */
const TAB = "    ";

/** Makes text of several lines safe. Line breaks stay, tabs become spaces. */
export function harmless(text: string): string {
  return text.replace(/\r\n?/g, "\n").replace(/\t/g, TAB).replace(
    CONTROLS,
    (control) => control === "\n" ? "\n" : picture(control),
  ).replace(INVISIBLE, "\ufffd");
}

/** Like {@linkcode harmless}, but in one line: for names, errors and titles. */
export function harmlessLine(text: string): string {
  return harmless(text).replace(/\n+/g, " ");
}

/** Formats a value as JSON that is safe on a terminal and parses to the same value. */
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
