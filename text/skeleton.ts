/**
 * Which names look alike: the skeletons of Unicode UTS #39, made for names whose letter case does not matter.
 *
 * @module
 */
import { foldName } from "../protocol.ts";
import { CONFUSABLES, CONFUSABLES_VERSION } from "./confusables.ts";

/** Version of the rules in this file; to be raised when they change. */
const RULES_VERSION = 2;

/**
 * Of which rules and data a skeleton is. Stored skeletons of another version have to be computed anew. The
 * version of Unicode that the runtime has does not matter: the normalization of an assigned character never
 * changes (UAX #15 §3), and names have no unassigned ones.
 */
export const SKELETON_VERSION = `${RULES_VERSION}/${CONFUSABLES_VERSION}`;

/** Maximum number of passes; after the fourth none of Unicode's characters changes. */
const MAX_PASSES = 8;

/** What is invisible does not tell two names apart. */
const UNSEEN = /\p{Default_Ignorable_Code_Point}/gu;

/** By character; made when first needed. */
let prototypes: Map<string, string> | undefined;

/**
 * The skeleton of a name: names that look alike have the same one. Not for display.
 *
 * As in UTS #39 §4, prototypes are looked up in the name as it is written: `I`, `l` and `1` look alike, `i` does
 * not look like them. Then letter case is folded, after which more may look alike. Compatibility forms, such
 * as full-width ones, are resolved. So the skeleton of a name with `I` differs from that with `i`.
 *
 * @example
 * ```ts
 * skeletonOf("А1ex") === skeletonOf("ALEX"); // The first А is Cyrillic.
 * ```
 */
export function skeletonOf(name: string): string {
  let skeleton = name;
  for (let pass = 0; pass < MAX_PASSES; pass++) {
    const before = skeleton;
    skeleton = foldName(replace(before.normalize("NFKD").replace(UNSEEN, ""))).normalize("NFKD");
    if (skeleton === before) break;
  }
  return skeleton;
}

function replace(text: string): string {
  prototypes ??= readPrototypes();
  let replaced = "";
  for (const character of text) replaced += prototypes.get(character) ?? character;
  return replaced;
}

function readPrototypes(): Map<string, string> {
  const found = new Map<string, string>();
  for (const line of CONFUSABLES.split("\n")) {
    const [prototype = "", alike = ""] = line.split("\t");
    for (const character of alike) found.set(character, prototype);
  }
  return found;
}
