/**
 * Announces things outside of the log: in a polite live region for screen readers, and as a short note for
 * everyone.
 *
 * @module
 */
import { h, setText } from "./dom.js";

/** @typedef {import("../logic/types.js").UserMessage} UserMessage */

/** How long a note is shown, in milliseconds. */
const NOTE_LASTS = 6_000;

/**
 * @param {(run: () => void, milliseconds: number) => () => void} later
 */
export function mountAnnouncer(later) {
  const spoken = h("div", { class: "hidden-text", "aria-live": "polite" });
  const notes = h("div", { class: "notes", role: "status" });
  const element = h("div", {}, spoken, notes);

  /** What the announced lines say. @type {WeakMap<Element, UserMessage>} */
  const said = new WeakMap();

  /**
   * @param {string} text
   * @param {UserMessage} [message] which it says
   */
  function announce(text, message) {
    const line = h("p", {}, text);
    if (message) said.set(line, message);
    spoken.append(line);
    while (spoken.childElementCount > 5) spoken.firstElementChild?.remove();
  }

  /** @param {string} text */
  function note(text) {
    const line = h("p", {}, text);
    notes.append(line);
    while (notes.childElementCount > 3) notes.firstElementChild?.remove();
    later(() => line.remove(), NOTE_LASTS);
  }

  /**
   * Messages have changed: what is deleted must not be read out any more.
   *
   * @param {(message: UserMessage) => UserMessage} change gives back what does not change
   * @param {(message: UserMessage) => string} words of a message
   */
  function revise(change, words) {
    for (const line of [...spoken.children]) {
      const message = said.get(line);
      const now = message && change(message);
      if (!now || now === message) continue;
      said.set(line, now);
      if (now.deleted) line.remove();
      else setText(line, words(now));
    }
  }

  /** Removes everything, because somebody else is about to use the page. */
  function clear() {
    spoken.replaceChildren();
    notes.replaceChildren();
  }

  return { element, announce, revise, note, clear };
}
