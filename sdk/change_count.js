/**
 * Up to which number the changes of a room have been seen.
 *
 * @module
 */

/**
 * Maximum number of changes after a missing one that are remembered by number. Beyond it, the count stays
 * where it is until the room is entered again.
 */
const MAX_AHEAD = 1_000;

/**
 * Counts without holes: a number that is left out stands for something that was not told, such as old
 * messages that were removed, so whoever asks for what is missing must not claim to have seen it.
 */
export class ChangeCount {
  /** Nothing is missing up to this change. */
  last;
  /**
   * Whether changes were told of which `last` says nothing. After a break no number says any more what was
   * seen: the changes told may be lost with the server's data, and others have their numbers.
   */
  isTorn = false;
  /** Changes after a missing one. @type {Set<number>} */
  #ahead = new Set();

  /** @param {number} last */
  constructor(last) {
    this.last = last;
  }

  /**
   * @param {number} change
   * @param {boolean} [awaited] whether an answer is on its way that tells up to where nothing is missing
   * @returns {boolean} whether it was not seen yet
   */
  see(change, awaited = false) {
    // The numbers may be other ones after a break.
    if (!awaited && change <= this.last) return false;
    if (this.#ahead.size < MAX_AHEAD) this.#ahead.add(change);
    if (!awaited) this.#advance();
    return true;
  }

  /**
   * Counts from here on, with what was seen while this was awaited.
   *
   * @param {number} change
   */
  start(change) {
    this.last = change;
    this.isTorn = false;
    for (const seen of this.#ahead) if (seen <= change) this.#ahead.delete(seen);
    this.#advance();
  }

  /** Whether nothing is missing before what was told. */
  get isWhole() {
    return !this.isTorn && this.#ahead.size === 0;
  }

  /** The connection broke. */
  lost() {
    this.isTorn = !this.isWhole;
    this.#ahead.clear();
  }

  #advance() {
    while (this.#ahead.delete(this.last + 1)) this.last++;
  }
}
