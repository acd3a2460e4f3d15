/**
 * What a client asks the server: any request that has an answer, and those about rooms and their members
 * by name.
 *
 * @module
 */

/** @typedef {import("./errors.js").RefusedError} RefusedError */
/** @typedef {import("./types.js").Question} Question */
/** @typedef {import("./types.js").Answers} Answers */
/** @typedef {import("../protocol/requests.ts").RoomRole} RoomRole */
/** @typedef {import("../protocol/requests.ts").UserReference} UserReference */

/** The part of a client that asks. All promises reject with a {@linkcode RefusedError}, as those of `ask`. */
export class Questions {
  #ask;

  /** @param {(question: Question) => Promise<unknown>} ask */
  constructor(ask) {
    this.#ask = ask;
  }

  /**
   * Asks the server something.
   *
   * @example
   * const { users } = await chat.ask({ type: "users", room: "builds" });
   * const page = await chat.ask({ type: "history", room: "builds", limit: 50 });
   *
   * @template {Question} Asked
   * @param {Asked} question a request of the protocol, without `id`
   * @returns {Promise<Answers[Asked["type"]]>}
   * @throws {RefusedError} (as a rejection) if the server refuses it; `offline` if there is no
   * connection, or it breaks before the answer; `lost` if it breaks while a change is under way, which
   * then may or may not have been made
   */
  ask(question) {
    // The server answers each request with the type of message that the protocol names.
    return /** @type {Promise<any>} */ (this.#ask(question));
  }

  /**
   * Makes a room that the user owns, and enters it.
   *
   * @param {string} room
   * @param {{ private?: boolean, topic?: string }} [options] `private`: only its members know of it
   * @throws {RefusedError} (as a rejection) `conflict` if there is such a room
   */
  create(room, options = {}) {
    return this.ask({ type: "create", room, ...options });
  }

  /**
   * Makes somebody a member of a room.
   *
   * @param {string} room
   * @param {UserReference} user
   */
  invite(room, user) {
    return this.ask({ type: "invite", room, user });
  }

  /**
   * Ends somebody's membership of a room.
   *
   * @param {string} room
   * @param {UserReference} user
   */
  remove(room, user) {
    return this.ask({ type: "remove", room, user });
  }

  /**
   * Gives a room a topic.
   *
   * @param {string} room
   * @param {string} topic one line; empty: none
   */
  topic(room, topic) {
    return this.ask({ type: "topic", room, content: topic });
  }

  /**
   * Gives a member of a room another role in it.
   *
   * @param {string} room
   * @param {UserReference} user
   * @param {RoomRole} role
   */
  role(room, user, role) {
    return this.ask({ type: "role", room, user, content: role });
  }

  /**
   * Asks who is in a room.
   *
   * @param {string} room
   * @param {{ all?: boolean }} [options] `all`: members who are not in it now, too
   */
  users(room, { all = false } = {}) {
    return this.ask({ type: "users", room, ...(all && { all }) });
  }

  /**
   * Lists rooms that the user may know of, by name: a page of them. Asked again with `after`, the last name
   * of a page that is not `complete`, it goes on.
   *
   * @param {{ content?: string, after?: string, limit?: number }} [options] `content`: only rooms whose name
   * contains this; `limit`: 1 to 200, by default 200
   */
  listRooms(options = {}) {
    return this.ask({ type: "rooms", ...options });
  }
}
