/**
 * Summarizes presence changes, and says who is typing.
 *
 * @module
 */
/** @typedef {import("./types.js").PresenceChange} PresenceChange */
/** @typedef {import("./types.js").OtherChange} OtherChange */

/** How long a `typing` event is valid, in milliseconds. Clients repeat it more often than this. */
export const TYPING_LASTS = 5_000;

/** Minimum time between two `typing` requests of a client, in milliseconds. */
export const TYPING_EVERY = 3_000;

/**
 * The net effect of a sequence of changes. People who joined and left, or left and came back, are omitted,
 * unless nothing else would remain.
 *
 * @param {readonly PresenceChange[]} changes in order
 * @returns {{ joined: string[], left: string[], others: OtherChange[] }}
 */
export function foldPresence(changes) {
  /** @type {Map<string, { name: string, first: "joined" | "left", last: "joined" | "left" }>} */
  const people = new Map();
  /** @type {OtherChange[]} */
  const others = [];
  for (const change of changes) {
    if (change.what === "joined" || change.what === "left") {
      const { id, name, what } = change;
      people.set(id, { name, first: people.get(id)?.first ?? what, last: what });
    } else others.push(change);
  }
  const settled = [...people.values()].filter(({ first, last }) => first === last);
  const shown = settled.length > 0 || others.length > 0 ? settled : [...people.values()];
  return {
    joined: shown.filter(({ last }) => last === "joined").map(({ name }) => name),
    left: shown.filter(({ last }) => last === "left").map(({ name }) => name),
    others,
  };
}

/**
 * Who is typing now.
 *
 * @param {ReadonlyMap<string, number>} typing id of a user → when they last typed
 * @param {number} now
 * @returns {string[]} their ids
 */
export function typingNow(typing, now) {
  return [...typing].filter(([, said]) => now - said < TYPING_LASTS).map(([id]) => id);
}

/**
 * Sorts names in the order of the language, digits by value.
 *
 * @param {readonly string[]} names
 * @param {string} language
 */
export function sortNames(names, language) {
  return sortBy(names, (name) => name, language);
}

/**
 * Sorts anything that has a name, like {@linkcode sortNames}.
 *
 * @template Item
 * @param {readonly Item[]} items
 * @param {(item: Item) => string} nameOf
 * @param {string} language
 */
export function sortBy(items, nameOf, language) {
  const { compare } = new Intl.Collator(language, { numeric: true });
  return [...items].sort((a, b) => compare(nameOf(a), nameOf(b)));
}
