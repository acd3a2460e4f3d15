/**
 * Summarizes presence changes, and says who is typing.
 *
 * @module
 */
import { foldName } from "../../protocol/wire.js";

/** @typedef {import("./types.js").PresenceChange} PresenceChange */

/** How long a `typing` event is valid, in milliseconds. Clients repeat it more often than this. */
export const TYPING_LASTS = 5_000;

/** Minimum time between two `typing` requests of a client, in milliseconds. */
export const TYPING_EVERY = 3_000;

/**
 * The net effect of a sequence of changes. People who joined and left, or left and came back, are omitted,
 * unless nobody else would remain.
 *
 * @param {readonly PresenceChange[]} changes in order
 * @returns {{ joined: string[], left: string[], renamed: { from: string, to: string }[] }}
 */
export function foldPresence(changes) {
  /** @type {Map<string, { name: string, first: "joined" | "left", last: "joined" | "left" }>} */
  const people = new Map();
  /** @type {{ from: string, to: string }[]} */
  const renamed = [];
  for (const change of changes) {
    if (change.what === "renamed") {
      renamed.push({ from: change.name, to: change.to });
      continue;
    }
    const key = foldName(change.name);
    const before = people.get(key);
    const first = before?.first ?? change.what;
    people.set(key, { name: change.name, first, last: change.what });
  }
  const settled = [...people.values()].filter(({ first, last }) => first === last);
  const shown = settled.length > 0 || renamed.length > 0 ? settled : [...people.values()];
  return {
    joined: shown.filter(({ last }) => last === "joined").map(({ name }) => name),
    left: shown.filter(({ last }) => last === "left").map(({ name }) => name),
    renamed,
  };
}

/**
 * Who is typing now.
 *
 * @param {ReadonlyMap<string, number>} typing name → when it was last said
 * @param {number} now
 * @returns {string[]}
 */
export function typingNow(typing, now) {
  return [...typing].filter(([, said]) => now - said < TYPING_LASTS).map(([name]) => name);
}

/**
 * Sorts names in the order of the language, digits by value.
 *
 * @param {readonly string[]} names
 * @param {string} language
 */
export function sortNames(names, language) {
  return [...names].sort(new Intl.Collator(language, { numeric: true }).compare);
}
