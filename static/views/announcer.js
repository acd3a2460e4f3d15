/**
 * Announces things outside of the log: in a polite live region for screen readers, and as a short note for
 * everyone.
 *
 * @module
 */
import { h } from "./dom.js";

/** How long a note is shown, in milliseconds. */
const NOTE_LASTS = 6_000;

/**
 * @param {(run: () => void, milliseconds: number) => () => void} later
 */
export function mountAnnouncer(later) {
  const spoken = h("div", { class: "hidden-text", "aria-live": "polite" });
  const notes = h("div", { class: "notes", role: "status" });
  const element = h("div", {}, spoken, notes);

  /** @param {string} text */
  function announce(text) {
    spoken.append(h("p", {}, text));
    while (spoken.childElementCount > 5) spoken.firstElementChild?.remove();
  }

  /** @param {string} text */
  function note(text) {
    const line = h("p", {}, text);
    notes.append(line);
    while (notes.childElementCount > 3) notes.firstElementChild?.remove();
    later(() => line.remove(), NOTE_LASTS);
  }

  /** Removes everything, because somebody else is about to use the page. */
  function clear() {
    spoken.replaceChildren();
    notes.replaceChildren();
  }

  return { element, announce, note, clear };
}
