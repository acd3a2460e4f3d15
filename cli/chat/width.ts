/**
 * How many columns text takes on a terminal, and breaking and cutting it by columns. Takes text that
 * holds no controls (`harmless.ts`).
 *
 * @module
 */
import stringWidth from "string-width";

const segmenter = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/** Splits text into what a reader takes for characters (Unicode UAX #29). */
export function graphemes(text: string): string[] {
  return Array.from(segmenter.segment(text), ({ segment }) => segment);
}

/** Columns of a text; a joined emoji takes two, however many parts it has. */
export function textWidth(text: string): number {
  // Printable ASCII is by far the most common.
  if (/^[\x20-\x7e]*$/.test(text)) return text.length;
  return stringWidth(text);
}

/** Cuts a text to at most `width` columns, with an ellipsis where something is missing. */
export function cut(text: string, width: number): string {
  if (textWidth(text) <= width) return text;
  let kept = "";
  let used = 0;
  for (const grapheme of graphemes(text)) {
    used += textWidth(grapheme);
    if (used > width - 1) break;
    kept += grapheme;
  }
  return width > 0 ? `${kept}…` : "";
}

/**
 * Breaks a text into rows: at its line breaks, at spaces, and where a word is longer than a row,
 * within it.
 *
 * @param width columns of a row
 * @param first columns of the first row, if it is shorter
 */
export function wrapText(text: string, width: number, first: number = width): string[] {
  const rows: string[] = [];
  for (const line of text.split("\n")) {
    rows.push(...wrapLine(line, Math.max(1, width), rows.length === 0 ? first : width));
  }
  return rows;
}

function wrapLine(line: string, width: number, first: number): string[] {
  const rows: string[] = [];
  let row = "";
  let left = first;
  const flush = () => {
    rows.push(row.trimEnd());
    row = "";
    left = width;
  };
  for (const word of line.match(/ +|[^ ]+/g) ?? []) {
    const columns = textWidth(word);
    if (columns <= left) {
      row += word;
      left -= columns;
    } else if (word.startsWith(" ")) {
      flush();
    } else {
      if (columns <= width && row !== "") flush();
      for (const grapheme of columns <= left ? [word] : graphemes(word)) {
        const needed = textWidth(grapheme);
        if (needed > left) flush();
        row += grapheme;
        left -= needed;
      }
    }
  }
  flush();
  return rows;
}
