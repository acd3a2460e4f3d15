/**
 * Recognises JSON that takes much longer to parse than its length says, before it is parsed.
 *
 * @module
 */

/** Shorter texts are parsed as they are, whatever is in them, in UTF-16 code units. */
const CHEAP_LENGTH = 2048;

/** Maximum strings, objects, lists and commas of a longer one. A request has fewer than 50. */
export const MAX_PARTS = 256;

const QUOTE = 0x22;
const COMMA = 0x2c;
const BRACKET = 0x5b;
const BACKSLASH = 0x5c;
const BRACE = 0x7b;

/**
 * Whether a text has more structure than any request. To parse it would take a hundred times as long as to
 * parse as many bytes of text: 256 KiB of `[` stop the loop for tens of milliseconds.
 */
export function isOvergrown(text: string): boolean {
  if (text.length <= CHEAP_LENGTH) return false;
  let parts = 0;
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at);
    if (code === QUOTE) {
      at = endOfString(text, at);
      if (++parts > MAX_PARTS) return true;
    } else if (code === BRACE || code === BRACKET || code === COMMA) {
      if (++parts > MAX_PARTS) return true;
    }
  }
  return false;
}

/** Index of the quote that ends a string; the end of the text if none does. */
function endOfString(text: string, start: number): number {
  for (let at = text.indexOf('"', start + 1); at >= 0; at = text.indexOf('"', at + 1)) {
    let backslashes = 0;
    while (text.charCodeAt(at - 1 - backslashes) === BACKSLASH) backslashes++;
    if (backslashes % 2 === 0) return at;
  }
  return text.length;
}
