/**
 * The entries of the search index for a message, and the index query for a search. The index returns
 * every message that matches (`store/terms.ts`), and may return a few more.
 *
 * - A word of a spaced script is one entry, and is searched for by its prefix, or as a whole.
 * - A word of an unspaced script has an entry for each of its characters: the character with its
 *   successor, or alone at the end. Every substring then consists of such pairs, and a single character
 *   is the prefix of one.
 * - Marks are entries that differ from every word: the room, the author and the name that it was sent under,
 *   whether there is a file or a link.
 * - One of two more says whether the message is hidden, in a private room or a direct conversation: SQLite
 *   skips those inside the index, so that neither time nor limit of a search tells of what it may not find.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Query, StoredMessage } from "../store.ts";
import { authorKey, type CompiledText, hasOne, isUnspaced, type Term, wordsOf } from "../terms.ts";

/** Indexed prefix of a word, in UTF-16 code units; longer words are compared after the index query. */
const MAX_PREFIX = 64;

/** Maximum number of words in an index query; the others are compared after it. */
const MAX_QUERY_WORDS = 8;

/**
 * Maximum number of rooms in an index query. The index looks at each for every message that it finds, so with
 * more of them the rooms are compared after it.
 */
const MAX_QUERY_ROOMS = 8;

/** Marks messages of rooms that a search finds only if it is told to search them. No word contains `#`. */
const HIDDEN = "#hidden";

/** Marks all others. */
const OPEN = "#open";

/** What a search covers, by ids of rooms: `only` those, or `also` those besides all that are not hidden. */
export type Scope = { only: readonly number[] } | { also: readonly number[] };

/** What is asked of the index. */
export interface IndexQuery {
  /** An FTS5 expression. */
  expression: string;
  /** Whether the expression leaves the rooms out. */
  anyRoom: boolean;
}

/**
 * The index entries of a message, separated by spaces.
 *
 * @param room its room, and whether that is private or a direct conversation
 */
export function indexEntries(
  room: { id: number; hidden: boolean },
  message: StoredMessage,
): string {
  const { by, from } = message;
  const entries = [roomEntry(room.id), room.hidden ? HIDDEN : OPEN, nameEntry(from)];
  if (by !== undefined) entries.push(idEntry(by));
  if (hasOne(message, "file")) entries.push("#file");
  if (hasOne(message, "link")) entries.push("#link");
  for (const word of wordsOf(message.content)) {
    if (isUnspaced(word)) entries.push(...pairsOf(word));
    else entries.push(prefixOf(word));
  }
  return entries.join(" ");
}

/** What to ask the index for messages in the given scope that may match. */
export function indexQuery(
  text: CompiledText,
  { by, from, has = [] }: Pick<Query, "by" | "from" | "has">,
  scope: Scope,
): IndexQuery {
  const wanted = [...new Set(has)].map((what) => `"#${what}"`);
  if (by !== undefined || from !== undefined) wanted.push(anyOf(authorEntries(by, from)));
  const words = new Set(text.terms.flatMap(queryEntries));
  wanted.push(...[...words].sort((a, b) => b.length - a.length).slice(0, MAX_QUERY_WORDS));
  const ids = "only" in scope ? scope.only : scope.also;
  if (ids.length > MAX_QUERY_ROOMS) {
    return { expression: allOf(wanted, [`"${OPEN}"`, `"${HIDDEN}"`]), anyRoom: true };
  }
  const rooms = ids.map((id) => `"${roomEntry(id)}"`);
  return { expression: inScope(wanted, rooms, "only" in scope), anyRoom: false };
}

function inScope(wanted: string[], rooms: string[], only: boolean): string {
  if (only) return `${anyOf(rooms)} AND ${allOf(wanted, rooms)}`;
  if (wanted.length === 0) return anyOf([`"${OPEN}"`, ...rooms]);
  const excluded = rooms.length === 0 ? `"${HIDDEN}"` : `("${HIDDEN}" NOT ${anyOf(rooms)})`;
  return `(${allOf(wanted, [])}) NOT ${excluded}`;
}

/** All of `wanted`; if that is nothing, any of `otherwise`. */
function allOf(wanted: string[], otherwise: string[]): string {
  return wanted.length > 0 ? wanted.join(" AND ") : anyOf(otherwise);
}

function anyOf(entries: readonly string[]): string {
  return `(${entries.join(" OR ")})`;
}

function roomEntry(roomId: number): string {
  return `#${roomId}`;
}

function authorEntries(by: Query["by"] = [], from: Query["from"] = []): string[] {
  const entries = [...by.map(idEntry), ...from.map(nameEntry)].map((entry) => `"${entry}"`);
  // No author at all is none that exists.
  return entries.length > 0 ? entries : [`"${idEntry("")}"`];
}

function idEntry(id: string): string {
  return `#u${hexOf(id)}`;
}

function nameEntry(name: string): string {
  return `#n${hexOf(authorKey(name))}`;
}

/** The index ignores letter case, and ids and names have signs. */
function hexOf(text: string): string {
  return Buffer.from(text).toString("hex");
}

function pairsOf(word: string): string[] {
  const characters = [...word];
  return characters.map((character, index) => character + (characters[index + 1] ?? ""));
}

function queryEntries({ word, match }: Term): string[] {
  if (match === "whole" && word.length <= MAX_PREFIX) return [`"${word}"`];
  if (match !== "anywhere") return [`"${prefixOf(word)}"*`];
  const pairs = pairsOf(word);
  return pairs.length === 1 ? [`"${word}"*`] : pairs.slice(0, -1).map((pair) => `"${pair}"`);
}

function prefixOf(word: string): string {
  return word.length <= MAX_PREFIX ? word : word.slice(0, MAX_PREFIX).toWellFormed();
}
