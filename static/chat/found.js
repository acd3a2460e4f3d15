/**
 * What the last search has found. The hits follow what becomes of their messages.
 *
 * @module
 */
/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */

/** Hits in a page. */
const LIMIT = 50;

export class Found {
  query = "";
  /** Newest first. @type {UserMessage[]} */
  messages = [];
  /** @type {"searching" | "failed" | "done"} */
  state = "done";
  /** Where the next page begins; undefined if there is none. @type {import("../../protocol/requests.ts").SearchPosition | undefined} */
  next;
  /** Whether the server has searched everything. */
  indexed = true;
  /** Whether it has to be searched again: the server's data are others. */
  stale = false;
  /** @type {{ room?: string }} */
  #where = {};
  #turn = 0;
  /** What has changed since the server was asked, whose answer may be from before. @type {[string, number, (message: UserMessage) => UserMessage][]} */
  #changes = [];

  /**
   * @param {Chat} chat
   * @param {string} query empty: finds nothing
   * @param {{ room?: string }} where everywhere without `room`
   */
  async search(chat, query, where) {
    this.query = query;
    this.#where = where;
    this.messages = [];
    this.next = undefined;
    this.indexed = true;
    this.stale = false;
    this.state = "done";
    this.#turn++;
    if (query !== "") await this.more(chat);
  }

  /**
   * The next page.
   *
   * @param {Chat} chat
   */
  async more(chat) {
    const turn = ++this.#turn;
    const { next: before, query: content } = this;
    this.#changes = [];
    this.state = "searching";
    const range = { ...this.#where, ...(before && { before }), limit: LIMIT };
    const answer = await chat.ask({ type: "search", content, ...range });
    // An answer to an older question is out of date.
    if (turn !== this.#turn) return;
    this.state = answer ? "done" : "failed";
    if (answer) {
      this.messages = [...this.messages, ...answer.messages];
      this.next = answer.complete ? undefined : answer.next;
      this.indexed = answer.indexed !== false;
      for (const change of this.#changes) this.#apply(...change);
    }
    chat.changed();
  }

  /**
   * @param {string} room
   * @param {number} seq
   * @param {(message: UserMessage) => UserMessage} change
   */
  revise(room, seq, change) {
    if (this.state === "searching") this.#changes.push([room, seq, change]);
    this.#apply(room, seq, change);
  }

  /**
   * @param {string} room
   * @param {number} seq
   * @param {(message: UserMessage) => UserMessage} change
   */
  #apply(room, seq, change) {
    const index = this.messages.findIndex((hit) => hit.seq === seq && hit.room === room);
    const hit = this.messages[index];
    if (!hit) return;
    const now = change(hit);
    this.messages = this.messages.toSpliced(index, 1, ...(now.deleted ? [] : [now]));
  }
}
