/**
 * What the parts of the account dialog share.
 *
 * @module
 */
import { h } from "../dom.js";

/** @typedef {import("../page.js").Page} Page */

/**
 * What a part is given.
 *
 * @typedef {object} Part
 * @property {Page} page
 * @property {(text: string) => void} done says that something has been done
 * @property {() => void} render builds the dialog anew, because the user is more than before
 */

/**
 * A part that is folded up at first.
 *
 * @param {string} title
 * @param {readonly (Node | null)[]} children
 * @param {() => unknown} [onOpen] called each time it is unfolded
 */
export function makeSection(title, children, onOpen) {
  const summary = h("summary", {}, title);
  const body = h("div", { class: "section-body" }, ...children);
  const element = h("details", { class: "section" }, summary, body);
  if (onOpen) element.addEventListener("toggle", () => element.open && onOpen());
  return { element, summary };
}

/**
 * One of a list: what it is, a note about it, and a button.
 *
 * @param {string} text
 * @param {string | Node} note
 * @param {HTMLButtonElement | null} button
 */
export function makeItem(text, note, button) {
  return h(
    "li",
    { class: "item" },
    h("div", {}, h("bdi", {}, text), h("span", { class: "note" }, note)),
    button,
  );
}

/**
 * The time, near enough to recognise.
 *
 * @param {Page} page
 * @param {number} time milliseconds since 1970
 */
export function whenIs({ speech, now }, time) {
  return `${speech.day(time, now())}, ${speech.clock(time)}`;
}
