/**
 * Whose name it is, and whether a text mentions it.
 *
 * @module
 */
import { foldName } from "../protocol/wire.js";

/**
 * Whether two names are the same person's.
 *
 * @param {string} a
 * @param {string} b
 */
export function sameName(a, b) {
  return a === b || foldName(a) === foldName(b);
}

/**
 * The key of the direct conversation with somebody, beside the names of rooms.
 *
 * @param {string} name
 */
export function directKey(name) {
  return "@" + foldName(name);
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
