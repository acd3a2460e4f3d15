/**
 * The rooms of the server, page by page, by name.
 *
 * @module
 */
/** @typedef {import("./chat.js").Chat} Chat */

/** Rooms in a page: the most that the server gives. */
const LIMIT = 200;

export class Directory {
  /** @type {import("../logic/types.js").RoomEntry[]} */
  rooms = [];
  #content = "";
  #complete = true;
  #asking = false;
  #turn = 0;

  /**
   * The first page of the rooms whose names contain this.
   *
   * @param {Chat} chat
   * @param {string} content empty: of all
   */
  async find(chat, content) {
    const turn = ++this.#turn;
    this.#content = content;
    await this.#ask(chat, turn, []);
  }

  /**
   * The next page, unless it is on its way.
   *
   * @param {Chat} chat
   */
  async more(chat) {
    if (!this.#complete && !this.#asking) await this.#ask(chat, this.#turn, this.rooms);
  }

  /**
   * @param {Chat} chat
   * @param {number} turn
   * @param {Directory["rooms"]} before
   */
  async #ask(chat, turn, before) {
    this.#asking = true;
    const after = before.at(-1)?.room;
    const filter = this.#content === "" ? {} : { content: this.#content };
    const range = { ...(after !== undefined && { after }), ...filter, limit: LIMIT };
    const answer = await chat.ask({ type: "rooms", ...range });
    if (turn !== this.#turn) return;
    this.#asking = false;
    if (!answer) return;
    this.rooms = [...before, ...answer.rooms];
    this.#complete = answer.complete;
    chat.changed();
  }
}
