/**
 * Whose name it is, and whether a text mentions it.
 *
 * @module
 */
import { foldName } from "../protocol/wire.js";

export { continuesName, isWord, joinsWord, mentions } from "../protocol/wire.js";

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

/** Scripts that are written together: those of Chinese, Japanese and Korean, with Latin. */
const TOGETHER = [
  /^[\p{scx=Latn}\p{scx=Hani}\p{scx=Hira}\p{scx=Kana}\p{sc=Zyyy}\p{sc=Zinh}]*$/u,
  /^[\p{scx=Latn}\p{scx=Hani}\p{scx=Bopo}\p{sc=Zyyy}\p{sc=Zinh}]*$/u,
  /^[\p{scx=Latn}\p{scx=Hani}\p{scx=Hang}\p{sc=Zyyy}\p{sc=Zinh}]*$/u,
];

/** The other scripts in everyday use (Unicode UAX #31, table 5). */
const SCRIPTS = (
  "Arab Armn Beng Cyrl Deva Ethi Geor Grek Gujr Guru Hebr Knda Khmr Laoo Mlym Mymr Orya Sinh Taml " +
  "Telu Thaa Thai Tibt"
).split(" ");

/** Names in one of them; made when first needed. @type {RegExp[] | undefined} */
let alone;

/**
 * Whether a name mixes scripts that are not written together, such as Latin and Cyrillic, and so may be made
 * to look like another one: less than "highly restrictive" in Unicode UTS #39 §5.2. Digits, punctuation and
 * emoji belong to every script.
 *
 * @param {string} name
 */
export function isMixedScript(name) {
  if (TOGETHER.some((pattern) => pattern.test(name))) return false;
  alone ??= SCRIPTS.map((script) =>
    new RegExp(`^[\\p{scx=${script}}\\p{sc=Zyyy}\\p{sc=Zinh}]*$`, "u")
  );
  if (alone.some((pattern) => pattern.test(name))) return false;
  const known = [...SCRIPTS, "Latn", "Hani", "Hira", "Kana", "Bopo", "Hang"]
    .map((script) => `\\p{scx=${script}}`).join("");
  // A name in a rare script alone is as good as any.
  return new RegExp(`[[${known}]--[\\p{sc=Zyyy}\\p{sc=Zinh}]]`, "v").test(name);
}
