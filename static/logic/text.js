/**
 * Text functions of the composer: size on the wire, and completion of the word at the caret.
 *
 * @module
 */
import { foldName } from "../../protocol/wire.js";

const encoder = new TextEncoder();

/**
 * @param {string} text
 * @returns {number} bytes of UTF-8
 */
export function byteLength(text) {
  return encoder.encode(text).length;
}

/**
 * The word before the caret, if it can be completed: `@` and the start of a name, or `:` and at least two
 * letters of an emoji's name.
 *
 * @param {string} text
 * @param {number} caret
 * @returns {{ kind: "mention" | "emoji", query: string, from: number } | null}
 */
export function completionAt(text, caret) {
  const before = text.slice(Math.max(0, caret - 64), caret);
  const match = /(?:^|[\s(\p{Script=Han}])([@:])([^\s@:]*)$/u.exec(before);
  const [, sign, query = ""] = match ?? [];
  if (sign === undefined) return null;
  const from = caret - query.length - 1;
  if (sign === "@") return { kind: "mention", query, from };
  return /^[a-z0-9_+-]{2,}$/i.test(query) ? { kind: "emoji", query, from } : null;
}

/**
 * Names that start with the query, then names with another word that does.
 *
 * @param {readonly string[]} names
 * @param {string} query
 * @param {number} limit
 */
export function matchNames(names, query, limit) {
  const wanted = foldName(query);
  const starts = names.filter((name) => foldName(name).startsWith(wanted));
  const inside = names.filter((name) =>
    !starts.includes(name) &&
    foldName(name).split(/[\s\-_.]+/u).some((word) => word.startsWith(wanted))
  );
  return [...starts, ...inside].slice(0, limit);
}

/**
 * @param {string} text
 * @param {{ from: number, to: number }} range what to replace
 * @param {string} replacement
 * @returns {{ text: string, caret: number }}
 */
export function replaceRange(text, { from, to }, replacement) {
  const rest = text.slice(to);
  const inserted = replacement + (rest.startsWith(" ") ? "" : " ");
  return { text: text.slice(0, from) + inserted + rest, caret: from + replacement.length + 1 };
}
