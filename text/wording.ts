/**
 * Phrases that several error messages share.
 *
 * @module
 */
import { closestString } from "@std/text/closest-string";

/** Maximum length of a quoted text, in UTF-16 code units. */
const MAX_QUOTED = 100;

/** Quotes a text on one line, shortened if it is long. */
export function quote(text: string): string {
  const shown = text.length > MAX_QUOTED ? `${text.slice(0, MAX_QUOTED)}…` : text;
  return JSON.stringify(shown).replace(
    /[\p{Cc}\p{Cf}\p{Zl}\p{Zp}]/gu,
    (character) => `\\u{${character.codePointAt(0)?.toString(16)}}`,
  );
}

/** Suggests the known word that was probably meant. Returns `undefined` if none is similar. */
export function didYouMean(
  word: string,
  known: readonly string[],
  prefix = "",
): string | undefined {
  const closest = closestKnown(word, known);
  return closest === undefined ? undefined : `did you mean ${prefix}${closest}?`;
}

/** A known word that starts with `word`, or one that differs in at most about a third of its letters. */
function closestKnown(word: string, known: readonly string[]): string | undefined {
  const begun = word.length >= 3 ? known.find((one) => one.startsWith(word)) : undefined;
  if (begun !== undefined) return begun;
  // A decoy just beyond the tolerance. It comes first because the first of equally close words wins.
  const wrong = Math.floor(word.length / 3) + 2;
  const decoy = "\0".repeat(wrong) + word.slice(wrong);
  const closest = closestString(word, [decoy, ...known]);
  return closest === decoy ? undefined : closest;
}
