/**
 * What it means that a text holds a word, for every script and the same in every backend.
 *
 * - Letter case, accents, vowel points, full-width forms and invisible characters make no
 *   difference; punctuation separates words and is otherwise nothing, so quotes and the operators
 *   of search languages mean nothing.
 * - In scripts that put spaces between words, a word of the query is found at the beginning of a
 *   word of the text: `chan` finds `Channel`.
 * - In scripts that do not (Chinese, Japanese, Thai and others), and for emoji, a word of the query
 *   is found anywhere.
 *
 * @module
 */

/** Characters of scripts that put no spaces between words, and symbols such as emoji. */
const UNSPACED_CHARACTERS = String
  .raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{So}\p{RI}\p{EMod}\p{ExtPict}]`;

const UNSPACED = new RegExp(`^${UNSPACED_CHARACTERS}`, "v");

/** Every word is wholly of one kind. */
const WORDS = new RegExp(
  String.raw`${UNSPACED_CHARACTERS}+|[[\p{L}\p{N}\p{M}]--${UNSPACED_CHARACTERS}]+`,
  "gv",
);

/** Combining marks that searching ignores: accents, Hebrew points, Arabic vowels, keycaps. */
const MARKS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u20e3]/g;

/** Joiners, variation selectors, soft hyphens and whatever else shows nothing of itself. */
const INVISIBLE = /\p{DI}/gu;

/** Plain ASCII needs no folding but that of letter case. */
const ASCII = /^[\0-\x7f]*$/;

/** A word to look for. */
export interface Term {
  word: string;
  /** Found anywhere in a word of the text, not only at its beginning. */
  anywhere: boolean;
}

/** The words of a text, folded, in order. */
export function wordsOf(text: string): string[] {
  return fold(text).match(WORDS) ?? [];
}

/** The different words to look for; none if the query holds nothing but punctuation. */
export function parseQuery(words: string): Term[] {
  return [...new Set(wordsOf(words))].map((word) => ({ word, anywhere: isUnspaced(word) }));
}

/** Whether a word of {@linkcode wordsOf} is found anywhere instead of at its beginning only. */
export function isUnspaced(word: string): boolean {
  return UNSPACED.test(word);
}

/** Whether a text holds all the terms. */
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
