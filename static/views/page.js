/**
 * What every view is given: the model, the reader's language and choices, and the time.
 *
 * @module
 */

/**
 * @typedef {object} Page
 * @property {import("../chat/chat.js").Chat} chat
 * @property {import("../logic/i18n.js").Speech} speech
 * @property {import("../logic/types.js").Settings} settings
 * @property {() => number} now milliseconds since 1970
 */

/**
 * What every mount function returns: its element, and how to bring it up to date. `update` may be
 * called at any time and as often as one likes.
 *
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {() => void} update
 */

/** The problems that the page has words for. */
const SAID = new Set([
  "bad_name",
  "name_taken",
  "bad_room",
  "no_such_user",
  "no_such_message",
  "not_yours",
  "not_in_room",
  "too_long",
  "too_large",
  "too_many_rooms",
  "unauthorized",
  "forbidden",
  "rate_limited",
  "unavailable",
  "lost",
]);

/**
 * An error code in the reader's words.
 *
 * @param {import("../logic/i18n.js").Speech} speech
 * @param {string} code
 */
export function explain(speech, code) {
  const key = SAID.has(code) ? `problem_${code}` : "problem_internal";
  return speech.say(/** @type {import("../logic/i18n.js").MessageKey} */ (key));
}
