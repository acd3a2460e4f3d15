/**
 * What somebody is on this server.
 *
 * @module
 */
import { h } from "../dom.js";

/**
 * @param {import("../../logic/i18n.js").Speech} speech
 * @param {string} role
 */
export function makeRoleBadge(speech, role) {
  const key = role === "admin" ? "admin" : role === "guest" ? "guest" : "member";
  return h("span", { class: "role", "data-role": role }, speech.say(key));
}
