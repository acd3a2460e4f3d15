/**
 * The row heights of a virtual list: which rows are near the view and how high the others are together. A
 * Fenwick tree keeps prefix sums, so that finding a row and changing a height cost O(log n).
 *
 * @module
 */

/** A list of row heights, in pixels. */
export class Heights {
  /** @type {number[]} */
  #heights = [];
  /** Fenwick tree, counted from 1. @type {number[]} */
  #tree = [0];

  get length() {
    return this.#heights.length;
  }

  get total() {
    return this.offset(this.length);
  }

  /**
   * Replaces all heights. O(n).
   *
   * @param {readonly number[]} heights
   */
  reset(heights) {
    this.#heights = [...heights];
    this.#tree = new Array(heights.length + 1).fill(0);
    for (let i = 1; i < this.#tree.length; i++) {
      this.#tree[i] = at(this.#tree, i) + at(this.#heights, i - 1);
      const parent = i + (i & -i);
      if (parent < this.#tree.length) {
        this.#tree[parent] = at(this.#tree, parent) + at(this.#tree, i);
      }
    }
  }

  /**
   * Inserts rows at the top. O(n).
   *
   * @param {readonly number[]} heights
   */
  prepend(heights) {
    this.reset([...heights, ...this.#heights]);
  }

  /** @param {number} height */
  push(height) {
    this.#heights.push(height);
    const i = this.#heights.length;
    let sum = height;
    for (let step = 1; step < (i & -i); step <<= 1) sum += at(this.#tree, i - step);
    this.#tree.push(sum);
  }

  pop() {
    this.#heights.pop();
    this.#tree.pop();
    if (this.#tree.length === 0) this.#tree.push(0);
  }

  /** @param {number} index */
  get(index) {
    return at(this.#heights, index);
  }

  /**
   * @param {number} index
   * @param {number} height
   */
  set(index, height) {
    const difference = height - at(this.#heights, index);
    if (difference === 0) return;
    this.#heights[index] = height;
    for (let i = index + 1; i < this.#tree.length; i += i & -i) {
      this.#tree[i] = at(this.#tree, i) + difference;
    }
  }

  /**
   * Offset of a row from the top: the sum of the heights before it.
   *
   * @param {number} index
   */
  offset(index) {
    let sum = 0;
    for (let i = Math.min(index, this.length); i > 0; i -= i & -i) sum += at(this.#tree, i);
    return sum;
  }

  /**
   * Index of the row at an offset from the top; the last row if the offset is beyond the end, 0 in an empty list.
   *
   * @param {number} y
   */
  indexAt(y) {
    let index = 0;
    let rest = y;
    for (let step = 2 ** Math.floor(Math.log2(this.length || 1)); step >= 1; step /= 2) {
      const next = index + step;
      if (next <= this.length && at(this.#tree, next) <= rest) {
        index = next;
        rest -= at(this.#tree, next);
      }
    }
    return Math.max(0, Math.min(index, this.length - 1));
  }

  /**
   * The range of rows that overlap `top` to `bottom`.
   *
   * @param {number} top
   * @param {number} bottom
   * @returns {{ from: number, to: number }} `to` is not included
   */
  window(top, bottom) {
    if (this.length === 0) return { from: 0, to: 0 };
    return { from: this.indexAt(Math.max(0, top)), to: this.indexAt(Math.max(0, bottom)) + 1 };
  }
}

/**
 * @param {readonly number[]} numbers
 * @param {number} index
 */
function at(numbers, index) {
  return numbers[index] ?? 0;
}
