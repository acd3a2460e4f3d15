/**
 * The sign at a name that mixes alphabets: such a name may be made to look like somebody else's.
 *
 * @module
 */
import { isMixedScript } from "../../sdk/names.js";
import { h } from "./dom.js";

/**
 * @param {import("../logic/i18n.js").Speech} speech
 * @param {string} name
 * @returns {HTMLElement | null} null: an ordinary name
 */
export function mixedMark(speech, name) {
  if (!isMixedScript(name)) return null;
  const words = speech.say("mixed_script");
  return h("span", { class: "mixed", role: "img", "aria-label": words, title: words }, "⚠");
}
