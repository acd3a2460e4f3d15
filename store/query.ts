/**
 * Reads what somebody types to search: words, phrases and operators.
 *
 * @module
 */
import { Refused } from "../protocol.ts";
import type { QueryText } from "./store.ts";

/** What somebody wants to find. All that is given must apply. */
export interface ParsedSearch {
  readonly text: QueryText;
  /** Authors of whom the message has one: names, or ids with `@` before them. */
  readonly from: readonly string[];
  /** Rooms of which the message is in one; a direct conversation as `@` and a name or an id. */
  readonly in: readonly string[];
  /** Only messages sent at this time or later, in milliseconds since 1970. */
  readonly after?: number;
  /** Only messages sent before this time, in milliseconds since 1970. */
  readonly before?: number;
  readonly has: readonly ("file" | "link")[];
}

/** Length of a day, in milliseconds. */
const DAY_MS = 86_400_000;

/**
 * An operator with its value, a phrase, or a word. A quotation mark without a second one belongs to a word,
 * and so does the name of an operator that does not exist.
 */
const TOKEN =
  /(?<operator>from|in|before|after|has):(?:"(?<quoted>[^"]+)"|(?<value>[^\s"]\S*))|["“](?<phrase>[^"”]*)["”]|(?<word>\S+)/giu;

/**
 * Reads what somebody has typed: words, `"phrases"`, and the operators
 *
 * - `from:NAME`, `from:"two words"`, `from:@ID`: by one of these authors;
 * - `in:ROOM`, `in:@NAME`: in one of these rooms or direct conversations;
 * - `before:2026-05-01`, `after:2026-05-01`: sent before or after that day, which is not included, in UTC;
 * - `has:file`, `has:link`.
 *
 * @throws {Refused} `bad_message` if a date or the value of `has:` is wrong
 */
export function parseSearch(content: string): ParsedSearch {
  const words: string[] = [];
  const phrases: string[][] = [];
  const found = { from: [] as string[], in: [] as string[], has: [] as ("file" | "link")[] };
  const times: { after?: number; before?: number } = {};
  for (const { groups = {} } of content.matchAll(TOKEN)) {
    const { operator, quoted, value = quoted ?? "", phrase, word } = groups;
    if (word !== undefined) words.push(word);
    else if (phrase !== undefined) phrases.push(phrase.split(/\s+/).filter((part) => part !== ""));
    else readOperator(operator?.toLowerCase(), value, found, times);
  }
  return {
    text: { words, phrases: phrases.filter(({ length }) => length > 0) },
    ...found,
    ...times,
  };
}

function readOperator(
  operator: string | undefined,
  value: string,
  found: { from: string[]; in: string[]; has: ("file" | "link")[] },
  times: { after?: number; before?: number },
): void {
  switch (operator) {
    case "from":
      found.from.push(value);
      break;
    case "in":
      found.in.push(value.startsWith("@") ? value : value.replace(/^#/, "").toLowerCase());
      break;
    case "has":
      found.has.push(readHas(value));
      break;
    case "after":
      times.after = Math.max(times.after ?? -Infinity, readDate(operator, value) + DAY_MS);
      break;
    case "before":
      times.before = Math.min(times.before ?? Infinity, readDate(operator, value));
  }
}

function readHas(value: string): "file" | "link" {
  const asked = value.toLowerCase();
  if (asked === "file" || asked === "link") return asked;
  throw new Refused(
    "bad_message",
    `Cannot search: has: must be followed by file or link, received "${value}"`,
  );
}

/** The beginning of a day in UTC, in milliseconds since 1970. */
function readDate(operator: string, value: string): number {
  const time = /^\d{4}-\d\d-\d\d$/.test(value) ? Date.parse(value) : NaN;
  // The parser accepts February 30.
  if (!Number.isNaN(time) && new Date(time).toISOString().startsWith(value)) return time;
  throw new Refused(
    "bad_message",
    `Cannot search: ${operator}: must be followed by a date as YYYY-MM-DD, received "${value}"`,
  );
}
