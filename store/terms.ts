/**
 * When a message matches a search, for every script and identically in every backend.
 *
 * - Letter case, accents, vowel points, full-width forms and invisible characters make no difference.
 * - In scripts with spaces between words, a word of the query matches the beginning of a word of the
 *   text: `chan` finds `Channel`. In a phrase it matches whole words only.
 * - In scripts without (Chinese, Japanese, Thai and others), and for emoji, a word of the query matches
 *   anywhere.
 * - Signs of a word count: `C#` finds neither `C` nor `C++`, `node.js` not `node js`; `C` finds them all.
 *   Quotes and brackets around a word, and the punctuation behind it, do not.
 * - A word without letters and digits is ignored beside others; a query of nothing else finds nothing.
 *
 * @module
 */
import { foldName, type SearchPosition } from "../protocol.ts";
import type { Query, QueryText, StoredMessage } from "./store.ts";

/** Characters of scripts without spaces between words, and symbols such as emoji. */
const UNSPACED_CHARACTERS = String
  .raw`[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}ー\p{Script=Thai}\p{Script=Lao}\p{Script=Khmer}\p{Script=Myanmar}\p{So}\p{RI}\p{EMod}\p{ExtPict}]`;

const SPACED_CHARACTERS = String.raw`[[\p{L}\p{N}\p{M}]--${UNSPACED_CHARACTERS}]`;

const UNSPACED = new RegExp(`^${UNSPACED_CHARACTERS}`, "v");

const BEGINS_SPACED = new RegExp(`^${SPACED_CHARACTERS}`, "v");

const ENDS_SPACED = new RegExp(`${SPACED_CHARACTERS}$`, "v");

/** A word consists of spaced or of unspaced characters, never of both. */
const WORDS = new RegExp(`${UNSPACED_CHARACTERS}+|${SPACED_CHARACTERS}+`, "gv");

/** A text of nothing but words. */
const ONLY_WORDS = new RegExp(`^(?:${UNSPACED_CHARACTERS}|${SPACED_CHARACTERS})*$`, "v");

/** Combining marks that search ignores: accents, Hebrew points, Arabic vowels, keycaps. */
const MARKS = /[\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0670\u20e3]/g;

/** Joiners, variation selectors, soft hyphens and all other invisible characters. */
const INVISIBLE = /\p{DI}/gu;

/** Typographic forms of the apostrophe, of the quotation mark and of the hyphen. */
const APOSTROPHES = /[‘’‚‛]/g;
const QUOTES = /[“”„‟«»]/g;
const HYPHENS = /[‐‑‒–—−]/g;

/** ASCII needs no folding other than that of letter case. */
const ASCII = /^[\0-\x7f]*$/;

/** Signs around a word that do not belong to it. Applies to folded text. */
const LEADING = /^["'`([{¿¡「『（【]+/u;
const TRAILING = /["'`)\]}.,;:!?…」』）】。、]+$/u;

/** A text has a link if it has this. */
const LINK = /\bhttps?:\/\/[^\s/]/i;

/** A word to search for. */
export interface Term {
  readonly word: string;
  /** Which words of the text it matches: those that begin with it, that are equal, or that contain it. */
  readonly match: "prefix" | "whole" | "anywhere";
}

/** What a search looks for in a text. */
export interface CompiledText {
  /** Distinct words that must all occur. */
  readonly terms: readonly Term[];
  /** Folded words with their signs, which must occur as they are. */
  readonly literals: readonly string[];
  /** Folded words that must follow each other. */
  readonly phrases: readonly (readonly string[])[];
  /** Nothing can match: there is nothing but signs to look for. */
  readonly impossible: boolean;
}

/** Splits a text into folded words, in order. */
export function wordsOf(text: string): string[] {
  return splitFolded(fold(text));
}

/** Whether a word of {@linkcode wordsOf} matches anywhere rather than only at the beginning. */
export function isUnspaced(word: string): boolean {
  return UNSPACED.test(word);
}

/** Prepares the text of a query for {@linkcode matches}. */
export function compileText({ words, phrases }: QueryText): CompiledText {
  const terms = new Map<string, Term>();
  const literals = new Set<string>();
  const add = (word: string, match: Term["match"]) => {
    const term: Term = { word, match: isUnspaced(word) ? "anywhere" : match };
    terms.set(`${term.match} ${word}`, term);
  };
  for (const word of words) addWord(trimSigns(word), add, literals);
  const sequences = phrases.map((phrase) => compilePhrase(phrase, add, literals))
    .filter((sequence) => sequence.length > 1);
  const isAsked = words.length > 0 || phrases.length > 0;
  return {
    terms: [...terms.values()],
    literals: [...literals],
    phrases: sequences,
    impossible: isAsked && terms.size === 0,
  };
}

/** Whether a text matches. */
export function matches(text: string, compiled: CompiledText): boolean {
  if (compiled.impossible) return false;
  if (compiled.terms.length === 0) return true;
  const folded = fold(text);
  const words = splitFolded(folded);
  return compiled.terms.every((term) => words.some((word) => matchesWord(word, term))) &&
    compiled.literals.every((literal) => occurs(folded, literal)) &&
    compiled.phrases.every((phrase) => occursInOrder(words, phrase));
}

/**
 * Compiles a query into a test whether a message matches it. Where the message is does not matter, nor
 * whether it comes after the query's position.
 */
export function matcherOf(query: Omit<Query, "limit">): (message: StoredMessage) => boolean {
  const text = compileText(query.text);
  const isByOneOf = authorTest(query);
  const { after = -Infinity, before = Infinity, has = [] } = query;
  return (message) =>
    message.deleted !== true && message.time >= after && message.time < before &&
    isByOneOf(message) && has.every((what) => hasOne(message, what)) &&
    matches(message.content, text);
}

/** Whether a message matches a query; see {@linkcode matcherOf}, which is faster for many messages. */
export function matchesQuery(message: StoredMessage, query: Omit<Query, "limit">): boolean {
  return matcherOf(query)(message);
}

/** The key of a name under which messages were sent. */
export function authorKey(name: string): string {
  return foldName(name);
}

/** Whether a message has a file or a link. */
export function hasOne({ file, content }: StoredMessage, what: "file" | "link"): boolean {
  return what === "file" ? file !== undefined : LINK.test(content);
}

/** Compares positions in the order of the results of a search: by time, then room, then `seq`, all descending. */
export function compareFound(a: SearchPosition, b: SearchPosition): number {
  if (a.time !== b.time) return b.time - a.time;
  if (a.room !== b.room) return a.room < b.room ? 1 : -1;
  return b.seq - a.seq;
}

/** The position of a message in the order of the results of a search. */
export function positionOf({ time, room, seq }: StoredMessage): SearchPosition {
  return { time, room, seq };
}

function authorTest({ by, from }: Pick<Query, "by" | "from">): (message: StoredMessage) => boolean {
  if (by === undefined && from === undefined) return () => true;
  const ids = new Set(by);
  const keys = new Set(from?.map(authorKey));
  return (message) =>
    (message.by !== undefined && ids.has(message.by)) || keys.has(authorKey(message.from));
}

/** Adds a folded word of the query to what is looked for. */
function addWord(
  folded: string,
  add: (word: string, match: Term["match"]) => void,
  literals: Set<string>,
): void {
  const parts = splitFolded(folded);
  if (ONLY_WORDS.test(folded)) {
    for (const part of parts) add(part, "prefix");
  } else if (parts.length > 0) {
    literals.add(folded);
    // What a sign follows is whole; the last part may go on.
    const open = folded.endsWith(parts.at(-1) ?? "") ? parts.length - 1 : parts.length;
    for (const [index, part] of parts.entries()) add(part, index < open ? "whole" : "prefix");
  }
}

/** Adds a phrase to what is looked for, and returns its words. */
function compilePhrase(
  phrase: readonly string[],
  add: (word: string, match: Term["match"]) => void,
  literals: Set<string>,
): string[] {
  const sequence: string[] = [];
  for (const word of phrase) {
    const folded = trimSigns(word);
    const parts = splitFolded(folded);
    if (parts.length > 0 && !ONLY_WORDS.test(folded)) literals.add(folded);
    for (const part of parts) add(part, "whole");
    sequence.push(...parts);
  }
  return sequence;
}

function matchesWord(candidate: string, { word, match }: Term): boolean {
  switch (match) {
    case "prefix":
      return candidate.startsWith(word);
    case "whole":
      return candidate === word;
    case "anywhere":
      return candidate.includes(word);
  }
}

/** Whether a folded text contains a literal that does not begin within a word. */
function occurs(folded: string, literal: string): boolean {
  const needsStart = BEGINS_SPACED.test(literal);
  for (let at = folded.indexOf(literal); at >= 0; at = folded.indexOf(literal, at + 1)) {
    // A character takes at most two code units.
    if (!needsStart || !ENDS_SPACED.test(folded.slice(Math.max(0, at - 2), at))) return true;
  }
  return false;
}

/** Whether words of a text, one after the other, are those of a phrase; unspaced ones may go on outside it. */
function occursInOrder(words: readonly string[], phrase: readonly string[]): boolean {
  const last = phrase.length - 1;
  return words.some((_, start) =>
    phrase.every((word, index) => {
      const candidate = words[start + index];
      if (candidate === undefined) return false;
      if (index === 0 && isUnspaced(word)) return candidate.endsWith(word);
      return index === last && isUnspaced(word) ? candidate.startsWith(word) : candidate === word;
    })
  );
}

function trimSigns(word: string): string {
  return fold(word).replace(LEADING, "").replace(TRAILING, "");
}

function splitFolded(folded: string): string[] {
  return folded.match(WORDS) ?? [];
}

function fold(text: string): string {
  if (ASCII.test(text)) return text.toLowerCase();
  const plain = text.replace(APOSTROPHES, "'").replace(QUOTES, '"').replace(HYPHENS, "-");
  const bare = plain.normalize("NFKD").replace(MARKS, "").replace(INVISIBLE, "").normalize("NFC");
  return bare.toUpperCase().toLowerCase().replaceAll("ς", "σ");
}
