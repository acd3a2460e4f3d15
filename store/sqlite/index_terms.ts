/**
 * What is put into the search index for a message, and what a query asks it for: every message that
 * `matches` (`store/terms.ts`) is among those that the index gives, which may give a few more.
 *
 * - A word of a spaced script is one entry, and is asked for by its beginning.
 * - A word of an unspaced script has an entry for each of its characters: the character with the one
 *   after it, or alone at the end. Any part of it is then made of such pairs, and a single character
 *   is the beginning of one.
 * - The number of the room is an entry too, marked so that no word can be taken for it.
 *
 * @module
 */
import { isUnspaced, type Term, wordsOf } from "../terms.ts";

/** How much of a word is indexed, in UTF-16 code units; words that are alike so far are compared later. */
const MAX_WORD = 64;

/** Most entries of a query that the index is asked for; the rest is compared later. */
const MAX_ASKED = 8;

/** What the index holds for a message, separated by blanks. */
export function indexEntries(room: number, content: string): string {
  const entries = [roomEntry(room)];
  for (const word of wordsOf(content)) {
    if (isUnspaced(word)) entries.push(...pairsOf(word));
    else entries.push(beginningOf(word));
  }
  return entries.join(" ");
}

/**
 * An FTS5 expression for the messages that may hold all the terms.
 *
 * @param rooms numbers of the rooms to look in; all if absent
 */
export function indexQuery(terms: readonly Term[], rooms?: readonly number[]): string {
  const asked = new Set(terms.flatMap(askFor));
  const entries = [...asked].sort((a, b) => b.length - a.length).slice(0, MAX_ASKED);
  if (rooms === undefined) return entries.join(" AND ");
  const inRooms = rooms.map((room) => `"${roomEntry(room)}"`).join(" OR ");
  return `(${inRooms}) AND ${entries.join(" AND ")}`;
}

/** `#` is in no word. */
function roomEntry(room: number): string {
  return `#${room}`;
}

function pairsOf(word: string): string[] {
  const characters = [...word];
  return characters.map((character, index) => character + (characters[index + 1] ?? ""));
}

function askFor({ word, anywhere }: Term): string[] {
  if (!anywhere) return [`"${beginningOf(word)}"*`];
  const pairs = pairsOf(word);
  return pairs.length === 1 ? [`"${word}"*`] : pairs.slice(0, -1).map((pair) => `"${pair}"`);
}

function beginningOf(word: string): string {
  return word.length <= MAX_WORD ? word : word.slice(0, MAX_WORD).toWellFormed();
}
