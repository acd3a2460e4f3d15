/**
 * What the page derives from names: who is meant, which colour and which initials.
 *
 * @module
 */
import { foldName } from "../../protocol/wire.js";

/** Number of name colours in the style sheet. */
export const HUES = 12;

/**
 * A colour for a name, the same on every page and visit.
 *
 * @param {string} name
 * @returns {number} from 0 up to, not including, {@linkcode HUES}
 */
export function hueOf(name) {
  let hash = 2166136261;
  for (const unit of foldName(name)) hash = Math.imul(hash ^ (unit.codePointAt(0) ?? 0), 16777619);
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

/**
 * Whether a text mentions a name as `@name`, as a whole word and in any letter case.
 *
 * @param {string} text
 * @param {string} name
 */
export function mentions(text, name) {
  const haystack = foldName(text);
  const needle = "@" + foldName(name);
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) {
    const before = at === 0 ? "" : haystack.charAt(at - 1);
    const after = haystack.charAt(at + needle.length);
    if (!joinsWord(before) && !continuesName(after, name)) return true;
  }
  return false;
}

/**
 * Whether two names are the same person's.
 *
 * @param {string} a
 * @param {string} b
 */
export function sameName(a, b) {
  return a === b || foldName(a) === foldName(b);
}

/** @param {string} character */
export function isWord(character) {
  return /[\p{L}\p{N}_]/u.test(character);
}

/**
 * Whether what follows this character belongs to its word, as the `@` in a mail address. After Han
 * and kana, which are written without spaces, anything may begin.
 *
 * @param {string} before
 */
export function joinsWord(before) {
  return isWord(before) && !/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(before);
}

/**
 * Han and kana are written without spaces, so a name in them may be followed by anything.
 *
 * @param {string} after the character behind the name
 * @param {string} name
 */
export function continuesName(after, name) {
  const last = [...name].at(-1) ?? "";
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(last + after)) return false;
  return isWord(after);
}
