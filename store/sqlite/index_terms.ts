/**
 * The entries of the search index for a message, and the index query for a search. The index returns
 * every message that `matches` (`store/terms.ts`), and may return a few more.
 *
 * - A word of a spaced script is one entry, and is searched for by its prefix.
 * - A word of an unspaced script has an entry for each of its characters: the character with its
 *   successor, or alone at the end. Every substring then consists of such pairs, and a single character
 *   is the prefix of one.
 * - The id of the room is an entry too, marked so that it differs from every word.
 * - So is, in private rooms and direct conversations, that they are hidden: SQLite skips their messages
 *   inside the index, so that neither time nor limit of a search tells of what it may not find.
 *
 * @module
 */
import { isUnspaced, type Term, wordsOf } from "../terms.ts";

/** Indexed prefix of a word, in UTF-16 code units; longer words are compared after the index query. */
const MAX_PREFIX = 64;

/** Maximum number of entries in an index query; the other terms are compared after it. */
const MAX_QUERY_ENTRIES = 8;

/** Marks messages of rooms that a search finds only if it is told to search them. No word contains `#`. */
const HIDDEN = "#hidden";

/** What a search covers, by ids of rooms: `only` those, or `also` those besides all that are not hidden. */
export type Scope = { only: readonly number[] } | { also: readonly number[] };

/**
 * The index entries of a message, separated by spaces.
 *
 * @param hidden whether its room is private or a direct conversation
 */
export function indexEntries(roomId: number, content: string, hidden: boolean): string {
  const entries = [roomEntry(roomId)];
  if (hidden) entries.push(HIDDEN);
  for (const word of wordsOf(content)) {
    if (isUnspaced(word)) entries.push(...pairsOf(word));
    else entries.push(prefixOf(word));
  }
  return entries.join(" ");
}

/** The FTS5 expression for messages in the given scope that may contain all the terms. */
export function indexQuery(terms: readonly Term[], scope: Scope): string {
  const all = new Set(terms.flatMap(queryEntries));
  const entries = [...all].sort((a, b) => b.length - a.length).slice(0, MAX_QUERY_ENTRIES);
  const wanted = entries.join(" AND ");
  if ("only" in scope) return `(${anyRoom(scope.only)}) AND ${wanted}`;
  const excluded = scope.also.length === 0
    ? `"${HIDDEN}"`
    : `("${HIDDEN}" NOT (${anyRoom(scope.also)}))`;
  return `(${wanted}) NOT ${excluded}`;
}

function anyRoom(ids: readonly number[]): string {
  return ids.map((id) => `"${roomEntry(id)}"`).join(" OR ");
}

/** No word contains `#`. */
function roomEntry(roomId: number): string {
  return `#${roomId}`;
}

function pairsOf(word: string): string[] {
  const characters = [...word];
  return characters.map((character, index) => character + (characters[index + 1] ?? ""));
}

function queryEntries({ word, anywhere }: Term): string[] {
  if (!anywhere) return [`"${prefixOf(word)}"*`];
  const pairs = pairsOf(word);
  return pairs.length === 1 ? [`"${word}"*`] : pairs.slice(0, -1).map((pair) => `"${pair}"`);
}

function prefixOf(word: string): string {
  return word.length <= MAX_PREFIX ? word : word.slice(0, MAX_PREFIX).toWellFormed();
}
