/**
 * The layout of a virtual list: where its rows are, which of them are drawn, and where the reader is.
 * Arithmetic only; the document is changed by `views/virtual_list.js`.
 *
 * @module
 */
import { Heights } from "./heights.js";

/** Rows this far above and below the view are drawn too, in pixels. */
const OVERSCAN = 600;

/** Padding below the last row, in pixels. Must equal the padding of `.log` in `styles/log.css`. */
const FOOT = 8;

/** A view that ends less than this above the end of the list, in pixels, is at the end. */
const AT_END = 24;

/** A change of more rows than this at the end of the list recomputes all heights. */
const MAX_STEPS = 50;

/**
 * Heights are estimated until a row is measured. The position is kept as an anchor ("so far into that
 * row") or as "at the end", never as a number of pixels from the top: nothing jumps when rows are added
 * above or when a height changes.
 *
 * @template {{ key: string }} Item
 */
export class ListLayout {
  /** The items of the list, top to bottom. Keys are unique. @type {readonly Item[]} */
  items = [];
  /** Whether the list ends with the last item that there is. If not, the view never sticks to the end. */
  complete = true;
  /** Height of the view, in pixels. */
  viewHeight = 0;
  /** The row at the top of the view and how far it is scrolled out; null: at the end. @type {{ key: string, offset: number } | null} */
  #anchor = null;
  /** Index of the anchor's item when it was last looked up. */
  #anchorIndex = 0;
  #heights = new Heights();
  /** Measured heights by key. @type {Map<string, number>} */
  #measured = new Map();
  #estimate;

  /** @param {(item: Item) => number} estimate guesses a row's height, in pixels */
  constructor(estimate) {
    this.#estimate = estimate;
  }

  /** Whether the view sticks to the end of the list. */
  get atEnd() {
    return this.#anchor === null;
  }

  /** Height of all rows together, in pixels. */
  get total() {
    return this.#heights.total;
  }

  /** Scroll position that shows what is to be seen, in pixels. */
  get top() {
    const max = Math.max(0, this.total + FOOT - this.viewHeight);
    if (!this.#anchor) return max;
    const index = Math.max(0, this.#indexOf(this.#anchor.key));
    return Math.max(0, Math.min(max, this.#heights.offset(index) + this.#anchor.offset));
  }

  /** Forgets items, measured heights and position. */
  clear() {
    this.items = [];
    this.#heights.reset([]);
    this.#measured.clear();
    this.#anchor = null;
  }

  /**
   * Replaces the items; the position stays. Costs O(changed) for changes at the end, O(n) otherwise.
   *
   * @param {readonly Item[]} items
   */
  setItems(items) {
    const before = this.items;
    this.items = items;
    const added = items.length - before.length;
    const sameStart = before[0]?.key === items[0]?.key;
    if (!sameStart && added > 0 && before[0] && items[added]?.key === before[0].key) {
      this.#heights.prepend(items.slice(0, added).map((item) => this.#heightOf(item)));
      return;
    }
    let same = sameStart ? Math.min(before.length, items.length) : 0;
    while (same > 0 && before[same - 1]?.key !== items[same - 1]?.key) same--;
    if (same === 0 || before.length - same > MAX_STEPS) {
      this.#heights.reset(items.map((item) => this.#heightOf(item)));
      return;
    }
    while (this.#heights.length > same) this.#heights.pop();
    for (const item of items.slice(same)) this.#heights.push(this.#heightOf(item));
  }

  /**
   * Notes how high a row turned out.
   *
   * @param {number} index
   * @param {number} height pixels
   * @returns {boolean} whether that changes anything
   */
  measure(index, height) {
    const key = this.items[index]?.key;
    if (key === undefined || this.#heights.get(index) === height) return false;
    this.#heights.set(index, height);
    this.#measured.set(key, height);
    return true;
  }

  /**
   * Notes that the reader scrolled.
   *
   * @param {number} top scroll position in pixels
   */
  scrolledTo(top) {
    const rest = this.total + FOOT - this.viewHeight - top;
    const index = this.#heights.indexAt(top);
    const key = this.items[index]?.key;
    if (key === undefined || (this.complete && rest < AT_END)) this.#anchor = null;
    else this.#anchor = { key, offset: top - this.#heights.offset(index) };
  }

  /** From now on the end of the list is shown. */
  goToEnd() {
    this.#anchor = null;
  }

  /**
   * Shows a row at the top of the view.
   *
   * @param {string} key
   * @param {number} offset how much of the row is scrolled out above, in pixels; negative for space
   */
  goTo(key, offset) {
    this.#anchor = { key, offset };
  }

  /**
   * Distance of a row from the top of the list, in pixels.
   *
   * @param {number} index
   */
  offset(index) {
    return this.#heights.offset(index);
  }

  /** The rows in the view: indexes of the first and the last one. */
  visible() {
    const { top } = this;
    const first = this.#heights.indexAt(top);
    return { first, last: this.#heights.indexAt(top + this.viewHeight) };
  }

  /**
   * The rows to draw.
   *
   * @returns {{ from: number, to: number }} `to` is not included
   */
  drawn() {
    const { top } = this;
    return this.#heights.window(top - OVERSCAN, top + this.viewHeight + OVERSCAN);
  }

  /** @param {Item} item */
  #heightOf(item) {
    return this.#measured.get(item.key) ?? this.#estimate(item);
  }

  /** @param {string} key */
  #indexOf(key) {
    if (this.items[this.#anchorIndex]?.key !== key) {
      this.#anchorIndex = this.items.findIndex((item) => item.key === key);
    }
    return this.#anchorIndex;
  }
}
