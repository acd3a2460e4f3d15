/**
 * What every view is given: the model, the language, the settings and the time.
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
 * What every mount function returns: its element, and a function that brings it up to date. `update` is
 * idempotent and may be called at any time.
 *
 * @typedef {object} View
 * @property {HTMLElement} element
 * @property {() => void} update
 */

/** Error codes that have a text of their own. */
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
  "last_owner",
  "member_already",
  "no_member",
  "not_kept",
  "room_exists",
]);

/**
 * The text for an error code.
 *
 * @param {import("../logic/i18n.js").Speech} speech
 * @param {string} code
 */
export function explain(speech, code) {
  const key = SAID.has(code) ? `problem_${code}` : "problem_internal";
  return speech.say(/** @type {import("../logic/i18n.js").MessageKey} */ (key));
}
