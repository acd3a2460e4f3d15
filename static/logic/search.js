/**
 * Where the words of a search occur in a text, for highlighting.
 *
 * @module
 */

/**
 * Splits a text into pieces that match and pieces that do not.
 *
 * @param {string} text
 * @param {string} query words, "phrases", and operators such as `from:NAME`, which are not marked
 * @returns {{ text: string, hit: boolean }[]}
 */
export function highlight(text, query) {
  const parts = [...query.matchAll(/"([^"]+)"|(\S+)/gu)].map(([, phrase, word]) =>
    phrase ?? word ?? ""
  );
  const words = parts.filter((part) => !/^(?:from|in|before|after|has):./i.test(part))
    .map(escapePattern);
  if (words.length === 0) return [{ text, hit: false }];
  // Longest first, so that of two words that begin alike the whole one is marked.
  const pattern = new RegExp(words.sort((a, b) => b.length - a.length).join("|"), "giu");
  const pieces = [];
  let done = 0;
  for (const match of text.matchAll(pattern)) {
    if (match.index > done) pieces.push({ text: text.slice(done, match.index), hit: false });
    pieces.push({ text: match[0], hit: true });
    done = match.index + match[0].length;
  }
  if (done < text.length) pieces.push({ text: text.slice(done), hit: false });
  return pieces;
}

/**
 * The part of a long text around its first hit.
 *
 * @param {string} text
 * @param {string} query
 * @param {number} length in UTF-16 code units
 */
export function excerpt(text, query, length) {
  if (text.length <= length) return text;
  const first = highlight(text, query).findIndex(({ hit }) => hit);
  const at = first <= 0 ? 0 : highlight(text, query)[0]?.text.length ?? 0;
  const from = Math.max(0, Math.min(at - Math.floor(length / 3), text.length - length));
  const cut = text.slice(from, from + length).toWellFormed().replaceAll("\ufffd", "");
  return (from > 0 ? "…" : "") + cut + (from + length < text.length ? "…" : "");
}

/** @param {string} word */
function escapePattern(word) {
  return word.replace(/[\\^$.*+?()[\]{}|\/-]/g, "\\$&");
}
