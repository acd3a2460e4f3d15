/**
 * Which names look alike: the skeletons of Unicode UTS #39, made for names whose letter case does not matter.
 *
 * @module
 */
import { foldName } from "../protocol.ts";
import { CONFUSABLES, CONFUSABLES_VERSION } from "./confusables.ts";

/** Version of the rules in this file; to be raised when they change. */
const RULES_VERSION = 1;

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
 * UTS #39 §4 compares texts as they are written, but a name is the same in any case: what looks like it in
 * one case has to count. So prototypes are looked up before letter case is folded, and again after it:
 * `I`, `i`, `l` and `1` are all the same. Compatibility forms, such as full-width ones, are resolved.
 *
 * @example
 * ```ts
 * skeletonOf("Аdm1n") === skeletonOf("ADMIN"); // The first А is Cyrillic.
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
  // In a name of any case the small letter stands for the capital one, which looks like l.
  found.set("i", "l");
  return found;
}
