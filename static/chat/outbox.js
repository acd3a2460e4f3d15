/**
 * What was written and is not confirmed yet. Of each conversation only one message is under way at
 * a time, so that a refusal or a broken line can never change their order; each is sent again with
 * the same `id` until the server has answered, and the server makes one message of it.
 *
 * @module
 */

/** @typedef {import("../logic/types.js").Outgoing} Outgoing */

export class Outbox {
  /** @type {Outgoing[]} */
  #items;
  /** The conversations that wait for an answer → the id that they wait for. @type {Map<string, string>} */
  #underWay = new Map();
  #onChange;

  /**
   * @param {Outgoing[]} items from an earlier visit
   * @param {(items: Outgoing[]) => void} onChange keeps them for the next one
   */
  constructor(items, onChange) {
    this.#items = items;
    this.#onChange = onChange;
  }

  /** @param {string} key */
  of(key) {
    return this.#items.filter((item) => item.key === key);
  }

  /** @param {string} id */
  has(id) {
    return this.#items.some((item) => item.id === id);
  }

  /** @param {Outgoing} item */
  add(item) {
    this.#change([...this.#items, item]);
  }

  /**
   * What is to be sent now; it counts as under way from here on.
   *
   * @param {(key: string) => boolean} ready whether a conversation can take messages
   * @returns {Outgoing[]}
   */
  take(ready) {
    const taken = [];
    for (const item of this.#items) {
      if (item.state !== "waiting" || this.#underWay.has(item.key) || !ready(item.key)) continue;
      this.#underWay.set(item.key, item.id);
      taken.push(item);
    }
    return taken;
  }

  /**
   * The server confirmed it.
   *
   * @param {string} id
   * @returns {Outgoing | undefined} what it was
   */
  confirm(id) {
    const item = this.#release(id);
    if (item) this.#change(this.#items.filter((other) => other !== item));
    return item;
  }

  /**
   * The server refused it for now: it is sent again at the next {@linkcode take}.
   *
   * @param {string} id
   */
  postpone(id) {
    this.#release(id);
  }

  /**
   * The server refused it for good.
   *
   * @param {string} id
   * @param {string} problem
   */
  fail(id, problem) {
    this.#release(id);
    this.#replace(id, (item) => ({ ...item, state: "failed", problem }));
  }

  /** @param {string} id */
  retry(id) {
    this.#replace(id, ({ problem: _, ...item }) => ({ ...item, state: "waiting" }));
  }

  /** @param {string} id */
  discard(id) {
    this.#release(id);
    this.#change(this.#items.filter((item) => item.id !== id));
  }

  /**
   * A conversation goes by another key from now on.
   *
   * @param {string} from
   * @param {string} to
   */
  move(from, to) {
    this.#change(this.#items.map((item) => item.key === from ? { ...item, key: to } : item));
  }

  /** The line broke: no answer will come for what was under way. */
  lost() {
    this.#underWay.clear();
  }

  /** @param {string} id */
  #release(id) {
    const item = this.#items.find((item) => item.id === id);
    if (item && this.#underWay.get(item.key) === id) this.#underWay.delete(item.key);
    return item;
  }

  /**
   * @param {string} id
   * @param {(item: Outgoing) => Outgoing} change
   */
  #replace(id, change) {
    this.#change(this.#items.map((item) => item.id === id ? change(item) : item));
  }

  /** @param {Outgoing[]} items */
  #change(items) {
    this.#items = items;
    this.#onChange(items);
  }
}
