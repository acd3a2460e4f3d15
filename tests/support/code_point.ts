/**
 * Characters for generated texts.
 *
 * @module
 */
import fc from "fast-check";

/** Halves of surrogate pairs, which are no characters (Unicode §3.8): U+D800 to U+DFFF. */
const SURROGATES = { first: 0xd800, count: 0x800 };

/**
 * Every code point, to be used as `fc.string({ unit: codePoint })`. The same as fast-check's
 * `unit: "binary"`, which takes two seconds to make in every file that uses it.
 */
export const codePoint: fc.Arbitrary<string> = fc.integer({
  min: 0,
  max: 0x10ffff - SURROGATES.count,
}).map(
  (index) => String.fromCodePoint(index < SURROGATES.first ? index : index + SURROGATES.count),
  (text) => {
    const code = typeof text === "string" ? text.codePointAt(0) ?? -1 : -1;
    if (code < 0 || text !== String.fromCodePoint(code)) throw new Error("It is no character");
    return code < SURROGATES.first ? code : code - SURROGATES.count;
  },
);
