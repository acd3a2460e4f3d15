/**
 * What every view is given: the model, the language, the settings and the time.
 *
 * @module
 */

/**
 * @typedef {object} Page
 * @property {import("../chat/account.js").Account} account
 * @property {import("../chat/chat.js").Chat} chat of the user; not connected while there is none
 * @property {import("../logic/i18n.js").Speech} speech
 * @property {import("../logic/types.js").Settings} settings
 * @property {() => number} now milliseconds since 1970
 */

/** @typedef {import("../logic/i18n.js").MessageKey} MessageKey */

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
  "no_such_room",
  "no_such_user",
  "no_such_message",
  "not_yours",
  "not_in_room",
  "too_long",
  "too_large",
  "too_many",
  "too_many_made",
  "too_many_reactions",
  "too_many_rooms",
  "unauthorized",
  "wrong_password",
  "forbidden",
  "muted",
  "rate_limited",
  "unavailable",
  "offline",
  "cancelled",
  "unsupported",
  "lost",
  "last_owner",
  "member_already",
  "no_member",
  "not_kept",
  "room_closed",
  "room_exists",
]);

/**
 * The text for an error code.
 *
 * @param {import("../logic/i18n.js").Speech} speech
 * @param {string} code
 * @param {{ retryMs?: number | undefined, words?: { [code: string]: MessageKey } }} [options] `retryMs`: how
 * long to wait, if it is known; `words`: texts for codes that mean something special here
 */
export function explain(speech, code, { retryMs = 0, words = {} } = {}) {
  const special = words[code];
  if (special !== undefined) return speech.say(special);
  const seconds = Math.ceil(retryMs / 1000);
  if (code === "rate_limited" && seconds > 90) {
    return speech.say("wait_minutes", { count: Math.ceil(seconds / 60) });
  }
  if (code === "rate_limited" && seconds > 0) return speech.say("wait_seconds", { count: seconds });
  const key = SAID.has(code) ? `problem_${code}` : "problem_internal";
  return speech.say(/** @type {MessageKey} */ (key));
}
