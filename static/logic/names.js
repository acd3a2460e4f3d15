/**
 * What the page derives from names: who is meant, which colour and which initials.
 *
 * @module
 */
import { foldName } from "../../protocol/wire.js";

export { continuesName, joinsWord, mentions, sameName } from "../../sdk/names.js";

/** Number of name colours in the style sheet. */
export const HUES = 12;

/**
 * A colour for somebody, the same on every page and visit. By id, so that it outlives a new name and is not
 * inherited with an old one; by name for those who have no id.
 *
 * @param {string} author an id or a name
 * @returns {number} from 0 up to, not including, {@linkcode HUES}
 */
export function hueOf(author) {
  let hash = 2166136261;
  for (const unit of foldName(author)) {
    hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 16777619);
  }
  return (hash >>> 8) % HUES;
}

const graphemes = new Intl.Segmenter(undefined, { granularity: "grapheme" });

/**
 * One or two characters that stand for a name on its avatar. A base with a tower of combining
 * marks is cut to its base.
 *
 * @param {string} name
 */
export function initials(name) {
  const words = name.split(/[\s\-_.]+/u).filter((word) => /[\p{L}\p{N}\p{Emoji}]/u.test(word));
  const firsts = (words.length > 0 ? words : [name]).map(firstGrapheme);
  const first = firsts[0] ?? "";
  if (/\p{Script=Han}|\p{Extended_Pictographic}/u.test(first) || firsts.length === 1) return first;
  return first + (firsts[1] ?? "");
}

/** @param {string} word */
function firstGrapheme(word) {
  for (const { segment } of graphemes.segment(word.slice(0, 64))) {
    const plain = segment.length > 8 ? [...segment][0] ?? "" : segment;
    return plain.toLocaleUpperCase();
  }
  return "";
}
