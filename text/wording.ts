/**
 * Phrases that several errors of the command line share.
 *
 * @module
 */
import { closestString } from "@std/text/closest-string";

/** Longest text that an error repeats, in UTF-16 code units. */
const MAX_QUOTED = 100;

/** Puts a text into quotes and on one line; of a long one only the beginning. */
export function quote(text: string): string {
  const shown = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  return JSON.stringify(shown).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** Asks for the known word that was probably meant; `undefined` if none is near. */
export function didYouMean(
  word: string,
  known: readonly string[],
  prefix = "",
): string | undefined {
  const closest = closestKnown(word, known);
  return closest === undefined ? undefined : `did you mean ${prefix}${closest}?`;
}

/** The known word that `word` begins, or one of which at most about a third of the letters are wrong. */
function closestKnown(word: string, known: readonly string[]): string | undefined {
  const begun = word.length >= 3 ? known.find((one) => one.startsWith(word)) : undefined;
  if (begun !== undefined) return begun;
  // A decoy exactly one letter beyond the tolerance, first because the first of equals is found.
  const wrong = Math.floor(word.length / 3) + 2;
  const decoy = "\0".repeat(wrong) + word.slice(wrong);
  const closest = closestString(word, [decoy, ...known]);
  return closest === decoy ? undefined : closest;
}
