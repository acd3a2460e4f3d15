/**
 * The rows in the document, one for each entry near the view. A row is rendered again only when its entry or its
 * facts change, and the focus stays where it is.
 *
 * @module
 */
import { namesIn } from "../logic/conversation.js";
import { h } from "./dom.js";
import { fillRow } from "./message.js";

/** @typedef {import("../logic/types.js").Entry} Entry */
/** @typedef {import("./message.js").RowFacts} RowFacts */

/**
 * @param {import("./page.js").Page} page
 * @param {HTMLElement} list where the rows are
 * @param {HTMLElement} fallback receives the focus of a row that is removed
 * @param {{ refill: (row: HTMLElement) => void }} toolbar
 */
export function makeRows(page, list, fallback, toolbar) {
  /** @type {Map<string, { element: HTMLElement, entry: Entry, facts: RowFacts }>} */
  const rows = new Map();

  /**
   * The row of an entry, rendered again if anything changed.
   *
   * @param {Entry} entry
   * @param {RowFacts} facts
   */
  function rowOf(entry, facts) {
    const known = rows.get(entry.key);
    if (known?.entry === entry && sameFacts(known.facts, facts)) return known.element;
    const row = known?.element ?? h("article", { tabindex: -1, "data-key": entry.key });
    if (entry.kind === "message") row.dataset["seq"] = String(entry.seq);
    const focused = document.activeElement;
    const held = row.contains(focused);
    fillRow(row, entry, facts, page, namesIn(page.chat.conversation));
    toolbar.refill(row);
    if (held && focused !== document.activeElement) {
      const target = focused instanceof HTMLElement && row.contains(focused) ? focused : row;
      target.focus({ preventScroll: true });
    }
    rows.set(entry.key, { element: row, entry, facts });
    return row;
  }

  /**
   * Removes all rows but these.
   *
   * @param {ReadonlySet<string>} wanted keys
   */
  function keep(wanted) {
    for (const [key, { element }] of rows) if (!wanted.has(key)) drop(key, element);
  }

  /**
   * @param {string} key
   * @param {HTMLElement} row
   */
  function drop(key, row) {
    // The focus inside a row that is removed would be lost.
    if (row.contains(document.activeElement)) fallback.focus({ preventScroll: true });
    row.remove();
    rows.delete(key);
  }

  function clear() {
    rows.clear();
    list.replaceChildren();
  }

  /** @param {string} key */
  function focus(key) {
    rows.get(key)?.element.focus({ preventScroll: true });
  }

  return { rowOf, keep, clear, focus };
}

/**
 * @param {RowFacts} a
 * @param {RowFacts} b
 */
function sameFacts(a, b) {
  return a.day === b.day && a.author === b.author && a.marker === b.marker && a.intro === b.intro &&
    a.flash === b.flash && a.online === b.online && a.quoted === b.quoted && a.me === b.me &&
    a.title === b.title && a.from === b.from && a.quotedFrom === b.quotedFrom;
}
