/**
 * Keyboard shortcuts of the log: arrows move between messages, letters act on the focused one.
 *
 * @module
 */
import { emit } from "./dom.js";

/** @type {Record<string, string>} */
const VERBS = { r: "reply", e: "edit", Delete: "delete", "+": "pick-reaction" };

/**
 * @param {HTMLElement} scroller
 * @param {HTMLElement} list the rows
 * @param {{ reveal: (row: HTMLElement) => void }} log
 */
export function followKeys(scroller, list, { reveal }) {
  scroller.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const row = rowOf(event.target, list);
    const inside = row !== null && event.target !== row;
    if (event.key === "ArrowUp" || event.key === "ArrowDown") {
      if (inside && event.target instanceof HTMLTextAreaElement) return;
      move(row, event.key === "ArrowUp" ? -1 : 1);
      event.preventDefault();
    } else if (event.key === "Escape") {
      emit(scroller, "focus-composer");
    } else if (row && !inside) {
      act(row, event);
    }
  });

  /**
   * @param {HTMLElement | null} row
   * @param {number} by
   */
  function move(row, by) {
    const rows = [...list.children].filter((child) => child instanceof HTMLElement);
    const seen = rows.filter((candidate) => isSeen(candidate, scroller));
    const start = by < 0 ? seen.at(-1) : seen[0];
    const next = row ? rows[rows.indexOf(row) + by] : start;
    if (next) reveal(next);
  }

  /**
   * @param {HTMLElement} row
   * @param {KeyboardEvent} event
   */
  function act(row, event) {
    const verb = VERBS[event.key];
    if (event.key === "Enter") firstAction(row)?.focus();
    else if (verb) emit(row, "message-verb", { verb, seq: Number(row.dataset["seq"]) });
    else return;
    event.preventDefault();
  }
}

/**
 * @param {HTMLElement} row
 * @returns {HTMLElement | null}
 */
function firstAction(row) {
  return row.querySelector(".toolbar button:not([hidden])") ?? row.querySelector("button");
}

/**
 * @param {EventTarget | null} target
 * @param {HTMLElement} list
 */
function rowOf(target, list) {
  const row = target instanceof Element ? target.closest("article") : null;
  return row && list.contains(row) ? row : null;
}

/**
 * @param {HTMLElement} row
 * @param {HTMLElement} scroller
 */
function isSeen(row, scroller) {
  const { top, bottom } = row.getBoundingClientRect();
  const view = scroller.getBoundingClientRect();
  return bottom > view.top + 8 && top < view.bottom - 8;
}
