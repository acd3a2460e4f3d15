/**
 * When a text matches a search, for every script and identically in every backend.
 *
 * - Letter case, accents, vowel points, full-width forms and invisible characters make no difference.
 *   Punctuation only separates words, so quotes and operators have no meaning.
 * - In scripts with spaces between words, a word of the query matches the beginning of a word of the
 *   text: `chan` finds `Channel`.
 * - In scripts without (Chinese, Japanese, Thai and others), and for emoji, a word of the query matches
 *   anywhere.
 *
 * @module
 */

/** Characters of scripts without spaces between words, and symbols such as emoji. */
const UNSPACED_CHARACTERS = String
  .raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{So}\p{RI}\p{EMod}\p{ExtPict}]`;

const UNSPACED = new RegExp(`^${UNSPACED_CHARACTERS}`, "v");

/** A word consists of spaced or of unspaced characters, never of both. */
const WORDS = new RegExp(
  String.raw`${UNSPACED_CHARACTERS}+|[[\p{L}\p{N}\p{M}]--${UNSPACED_CHARACTERS}]+`,
  "gv",
);

/** Combining marks that search ignores: accents, Hebrew points, Arabic vowels, keycaps. */
const MARKS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u20e3]/g;

/** Joiners, variation selectors, soft hyphens and all other invisible characters. */
const INVISIBLE = /\p{DI}/gu;

/** ASCII needs no folding other than that of letter case. */
const ASCII = /^[\0-\x7f]*$/;

/** A word to search for. */
export interface Term {
  word: string;
  /** Matches anywhere in a word of the text, not only at its beginning. */
  anywhere: boolean;
}

/** Splits a text into folded words, in order. */
export function wordsOf(text: string): string[] {
  return fold(text).match(WORDS) ?? [];
}

/** The distinct words of a query; none if it consists of punctuation. */
export function parseQuery(words: string): Term[] {
  return [...new Set(wordsOf(words))].map((word) => ({ word, anywhere: isUnspaced(word) }));
}

/** Whether a word of {@linkcode wordsOf} matches anywhere rather than only at the beginning. */
export function isUnspaced(word: string): boolean {
  return UNSPACED.test(word);
}

/** Whether a text contains all the terms. */
export function matches(text: string, terms: readonly Term[]): boolean {
  const words = wordsOf(text);
  return terms.every(({ word, anywhere }) =>
    words.some((candidate) => anywhere ? candidate.includes(word) : candidate.startsWith(word))
  );
}

function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  const bare = text.normalize("NFKD").replace(MARKS, "").replace(INVISIBLE, "").normalize("NFC");
  return bare.toUpperCase().toLowerCase().replaceAll("ς", "σ");
}
