/**
 * Keeps pages true that are read while messages change: what is told of a message after a page was read, and
 * before it is handed out, is applied to the page.
 *
 * @module
 */
import { applyChange } from "./changes.js";

/** @typedef {import("../protocol/messages.ts").ServerMessage} ServerMessage */
/** @typedef {import("../protocol/messages.ts").History} History */
/** @typedef {import("../protocol/messages.ts").UserMessage} UserMessage */
/** @typedef {import("./changes.js").Change} Change */

/** @typedef {{ apply: (page: History) => History, end: () => void }} Watch */

/** What happens is remembered only while a page is on its way, by each page for itself. */
export class PageWatches {
  #me;
  /** @type {Set<Change[]>} */
  #watches = new Set();

  /** @param {() => string | undefined} me the user's id */
  constructor(me) {
    this.#me = me;
  }

  /** @param {ServerMessage} message anything from the server */
  see(message) {
    if (message.type !== "edit" && message.type !== "delete" && message.type !== "react") return;
    for (const seen of this.#watches) seen.push(message);
  }

  /**
   * Begins to watch, before a page is asked for.
   *
   * @returns {Watch} `end` must be called
   */
  watch() {
    /** @type {Change[]} */
    const seen = [];
    this.#watches.add(seen);
    return {
      apply: (page) => this.#apply(page, seen),
      end: () => void this.#watches.delete(seen),
    };
  }

  /**
   * @param {History} page
   * @param {Change[]} seen
   * @returns {History}
   */
  #apply(page, seen) {
    const later = seen.filter(({ room, change }) => room === page.room && change > page.change);
    if (later.length === 0) return page;
    const me = this.#me();
    const present = (/** @type {UserMessage} */ message) =>
      later.filter(({ seq }) => seq === message.seq)
        .reduce((changed, change) => applyChange(changed, change, me), message);
    const { messages, changed } = page;
    return {
      ...page,
      messages: messages.map(present),
      ...(changed && { changed: changed.map(present) }),
    };
  }
}
