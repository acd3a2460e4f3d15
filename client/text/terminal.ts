/**
 * Other people's text on a terminal: nothing in it may move the cursor, change colours or modes, hide
 * what follows, or look like a line of its own.
 *
 * @module
 */

/** What begins a new line somewhere (Unicode UAX #14, classes BK, CR, LF, NL). */
const LINE_BREAK = /\r\n|[\n\v\f\r\x85\u2028\u2029]/;

/** Control characters, and those that turn around the direction of what follows (Unicode UAX #9). */
const CONTROL = /[\p{Cc}\u202a-\u202e\u2066-\u2069]/gu;

/** What the further lines of a text begin with, so that none can pass for another's words. */
const INDENT = "    ";

/** Makes a text one line that a terminal only shows: line breaks and controls become visible signs. */
export function oneLine(text: string): string {
  return text.replace(CONTROL, visible).replace(/[\u2028\u2029]/g, "\u21b5");
}

/** Makes a text harmless and keeps its lines, all but the first of them indented. */
export function indented(text: string): string {
  const lines = text.split(LINE_BREAK);
  while (lines.length > 1 && lines.at(-1) === "") lines.pop();
  return lines.map(oneLine).join(`\n${INDENT}`);
}

function visible(control: string): string {
  if (control === "\t") return INDENT;
  const code = control.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code); // ␛ for escape
  return code === 0x7f ? "\u2421" : "\ufffd";
}
