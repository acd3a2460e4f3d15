/**
 * A scrolling list of any length: only the rows near the view are in the document, two spacers stand
 * for the others.
 *
 * @module
 */
import { ListLayout } from "../logic/list_layout.js";
import { h } from "./dom.js";

/** A drawn row may turn out higher or lower than estimated, which brings others into view. Drawing ends after this many rounds. */
const MAX_ROUNDS = 4;

/** Width assumed until the list is laid out, in pixels. */
const USUAL_WIDTH = 640;

/**
 * What a list asks of its owner.
 *
 * @template {{ key: string }} Item
 * @typedef {object} RowSource
 * @property {(item: Item, width: number) => number} estimate guesses a row's height; both in pixels
 * @property {(item: Item, index: number) => HTMLElement} rowOf the row of an item, up to date; the
 * same element for the same key as long as the row is kept
 * @property {(keys: ReadonlySet<string>) => void} keep removes all other rows from the document
 * @property {() => void} drawn called after every drawing, when the position is settled
 */

/**
 * Draws on every scroll, resize and {@linkcode draw}; drawing is idempotent. Rows change height freely:
 * the list observes them.
 *
 * @template {{ key: string }} Item
 */
export class VirtualList {
  /** Holds the drawn rows. */
  rows = h("div", { class: "rows" });
  #above = h("div");
  #below = h("div");
  #scroller;
  #source;
  /** @type {ListLayout<Item>} */
  #layout;
  #width = USUAL_WIDTH;
  /** Scroll position that the list itself set or saw last: any other one is the reader's. */
  #lastTop = -1;

  /**
   * @param {HTMLElement} scroller is filled with the list
   * @param {RowSource<Item>} source
   */
  constructor(scroller, source) {
    this.#scroller = scroller;
    this.#source = source;
    this.#layout = new ListLayout((item) => source.estimate(item, this.#width));
    scroller.append(this.#above, this.rows, this.#below);
    scroller.addEventListener("scroll", () => this.#followScroll(), { passive: true });
    new ResizeObserver(() => this.#followResize()).observe(scroller);
    new ResizeObserver(() => this.draw()).observe(this.rows);
  }

  get items() {
    return this.#layout.items;
  }

  /** Whether the view sticks to the end of the list. */
  get atEnd() {
    return this.#layout.atEnd;
  }

  /** Indexes of the first and the last row in the view. */
  get visible() {
    return this.#layout.visible();
  }

  /** Height of the view, in pixels. */
  get viewHeight() {
    return this.#scroller.clientHeight;
  }

  /** Height of the rows below the view, in pixels. */
  get rest() {
    return this.#layout.total - this.#lastTop - this.viewHeight;
  }

  /**
   * Height of a row and all rows below it, in pixels.
   *
   * @param {number} index
   */
  heightFrom(index) {
    return this.#layout.total - this.#layout.offset(index);
  }

  /** Starts over with an empty list, at its end. */
  clear() {
    this.#layout.clear();
  }

  /**
   * Replaces the items, which takes effect with the next {@linkcode draw}. What the reader sees stays where it is.
   *
   * @param {readonly Item[]} items
   * @param {boolean} complete whether the last item is the last that there is
   */
  setItems(items, complete) {
    this.#layout.complete = complete;
    this.#layout.setItems(items);
  }

  /** Shows the end of the list and sticks to it. */
  goToEnd() {
    this.#layout.goToEnd();
    this.draw();
  }

  /**
   * Shows a row at the top of the view, with the next {@linkcode draw}.
   *
   * @param {string} key
   * @param {number} offset how much of the row is scrolled out above, in pixels; negative for space
   */
  goTo(key, offset) {
    this.#layout.goTo(key, offset);
  }

  draw() {
    this.#layout.viewHeight = this.viewHeight;
    if (this.viewHeight === 0) return;
    for (let round = 0; round < MAX_ROUNDS; round++) {
      if (!this.#drawRows()) break;
    }
    this.#settle();
    this.#source.drawn();
  }

  /**
   * Focuses a drawn row and scrolls until all of it is in the view.
   *
   * @param {HTMLElement} row
   */
  reveal(row) {
    row.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  }

  #followScroll() {
    const top = this.#scroller.scrollTop;
    if (Math.abs(top - this.#lastTop) < 1) return;
    this.#lastTop = top;
    this.#layout.scrolledTo(top);
    this.draw();
  }

  #followResize() {
    this.#width = this.#scroller.clientWidth;
    this.draw();
  }

  /** @returns {boolean} whether a row was higher or lower than assumed */
  #drawRows() {
    const { from, to } = this.#layout.drawn();
    this.#insertRows(from, to);
    const changed = this.#measureRows(from);
    this.#above.style.height = `${this.#layout.offset(from)}px`;
    const below = Math.max(0, this.#layout.total - this.#layout.offset(to));
    this.#below.style.height = `${below}px`;
    return changed;
  }

  /**
   * @param {number} from
   * @param {number} to not included
   */
  #insertRows(from, to) {
    const keys = new Set();
    /** @type {Element | null} */
    let place = this.rows.firstElementChild;
    for (const [i, item] of this.items.slice(from, to).entries()) {
      keys.add(item.key);
      const row = this.#source.rowOf(item, from + i);
      if (place === row) place = row.nextElementSibling;
      else this.rows.insertBefore(row, place);
    }
    this.#source.keep(keys);
  }

  /** @param {number} from index of the first drawn row */
  #measureRows(from) {
    // All are read before anything is written, so that the browser lays the page out only once.
    const heights = [...this.rows.children].map((row) => row.getBoundingClientRect().height);
    let changed = false;
    for (const [i, height] of heights.entries()) {
      changed = this.#layout.measure(from + i, height) || changed;
    }
    return changed;
  }

  #settle() {
    const { top } = this.#layout;
    if (Math.abs(this.#scroller.scrollTop - top) >= 1) this.#scroller.scrollTop = top;
    this.#lastTop = this.#scroller.scrollTop;
  }
}
