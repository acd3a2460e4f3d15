/**
 * Arbitrary values for property tests, rich in what breaks encoders, and a way to compare the results.
 *
 * @module
 */
import fc from "fast-check";
import { checkName, MAX_ID_LENGTH, MAX_TOPIC_BYTES, ROOM_PATTERN } from "../../protocol.ts";
import { codePoint } from "../support/code_point.ts";

/** Line ends of every kind, quotes, escapes, emoji, and names that objects inherit. */
const NASTY = [
  ...["\n", "\r\n", "\u0085", "\u2028", "\u2029", "\0", "\u001f", "\\", '"', "'", "\\n", '"}\n{"'],
  ...[
    "👨‍👩‍👧‍👦",
    "🏴󠁧󠁢󠁥󠁮󠁧󠁿",
    "e\u0301",
    "你好",
    "\u202e",
    "\ufeff",
    "__proto__",
    "constructor",
    "toString",
    "</script>",
  ],
];

/** Any well-formed text. */
export const text = fc.oneof(
  fc.string({ unit: "grapheme", maxLength: 40 }),
  fc.string({ unit: codePoint, maxLength: 40 }),
  fc.array(fc.oneof(fc.constantFrom(...NASTY), fc.string({ maxLength: 4 })), { maxLength: 8 })
    .map((parts) => parts.join("")),
);

/** Any text that a message may have. */
export const said = text.filter((value) => value !== "");

/** Any text short enough for an id. */
export const secret = said.filter((value) => value.length <= MAX_ID_LENGTH);

/** A room's name. */
export const room = fc.stringMatching(ROOM_PATTERN);

/** The id of a user. */
export const userId = fc.stringMatching(/^[A-Za-z0-9_-]{12}$/);

/** A room as a user names it: by its name, or as the direct conversation with somebody. */
export const anyRoom = fc.oneof(
  { weight: 3, arbitrary: room },
  { weight: 1, arbitrary: fc.oneof(userId, secret).map((other) => `@${other}`) },
);

/** One line that may be empty, short enough for a topic. */
export const line = text.filter((value) =>
  !/[\p{Cc}\p{Zl}\p{Zp}]/u.test(value) && value.length * 3 <= MAX_TOPIC_BYTES
);

/** An integer of at least 0. */
export const natural = fc.maxSafeNat();

/** An integer of at least 1. */
export const seq = fc.integer({ min: 1, max: Number.MAX_SAFE_INTEGER });

/** One emoji of each kind. */
export const emoji = fc.constantFrom("👍", "👍🏽", "❤", "❤️", "🇩🇪", "1️⃣", "👨‍👩‍👧‍👦", "🏴󠁧󠁢󠁥󠁮󠁧󠁿", "🏳️‍🌈", "⛹🏽‍♀️");

/** A name as it leaves the decoder: allowed and in NFC. */
export const name = fc.oneof(
  fc.constantFrom("ann", "Zoë", "王小明", "__proto__", "constructor", "👩‍🚀 Sally", "O'Brien #7"),
  fc.string({ unit: "grapheme", minLength: 1, maxLength: 12 }),
).map(checkName).filter((checked) => "name" in checked).map((checked) => checked.name);

/**
 * A value as nested lists of its own members, sorted by key. Two values with equal lists have the same
 * members, including those named `__proto__` and `constructor`, which other comparisons get wrong.
 */
export function members(value: unknown): unknown {
  if (Array.isArray(value)) return ["array", ...value.map(members)];
  if (typeof value !== "object" || value === null) return value;
  const entries = Object.entries(value).sort(([a], [b]) => a < b ? -1 : 1);
  return ["object", ...entries.map(([key, member]) => [key, members(member)])];
}
