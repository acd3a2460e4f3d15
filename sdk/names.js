/**
 * Whose name it is, and whether a text mentions it.
 *
 * @module
 */
import { foldName } from "../protocol/wire.js";

export { continuesName, isWord, joinsWord, mentions } from "../protocol/wire.js";

/**
 * Whether two names are the same person's.
 *
 * @param {string} a
 * @param {string} b
 */
export function sameName(a, b) {
  return a === b || foldName(a) === foldName(b);
}

/**
 * The key of the direct conversation with somebody, beside the names of rooms.
 *
 * @param {string} name
 */
export function directKey(name) {
  return "@" + foldName(name);
}
