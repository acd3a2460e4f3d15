/**
 * What the users are called now, as far as the server's messages have told. Messages belong to ids; the
 * name is what is shown.
 *
 * @module
 */

/** @typedef {import("../protocol/messages.ts").ServerMessage} ServerMessage */
/** @typedef {import("../protocol/messages.ts").UserId} UserId */

/** Maximum number of names kept; beyond it, those learned first are forgotten. */
const MAX_NAMES = 10_000;

export class People {
  /** In the order of learning. @type {Map<UserId, string>} */
  #names = new Map();
  #most;

  /** @param {number} [most] maximum number of names kept */
  constructor(most = MAX_NAMES) {
    this.#most = most;
  }

  /**
   * The present name of a user.
   *
   * @param {UserId | undefined} id undefined: a message from before there were users
   * @param {string} [fallback] the name to show if none is known
   */
  nameOf(id, fallback = "") {
    return (id === undefined ? undefined : this.#names.get(id)) ?? fallback;
  }

  /** @param {ServerMessage} message anything from the server */
  learn(message) {
    if ("by" in message) {
      this.#set(message.by, message.type === "rename" ? message.content : message.from);
    }
    if ("user" in message) this.#learnUser(message.user);
    switch (message.type) {
      case "login":
        for (const { user } of message.rooms ?? []) this.#learnUser(user);
        break;
      case "users":
        for (const user of message.users ?? []) this.#learnUser(user);
        break;
      case "history":
        this.#learnAuthors(message.messages);
        return this.#learnAuthors(message.changed ?? []);
      case "search":
        this.#learnAuthors(message.messages);
    }
  }

  /** @param {import("../protocol/messages.ts").UserMessage[]} messages as the server has just read them */
  #learnAuthors(messages) {
    for (const { by, from } of messages) this.#set(by, from);
  }

  /** @param {import("../protocol/messages.ts").User | undefined} user */
  #learnUser(user) {
    if (user) this.#set(user.id, user.name);
  }

  /**
   * @param {UserId | undefined} id
   * @param {string} name
   */
  #set(id, name) {
    if (id === undefined || this.#names.get(id) === name) return;
    this.#names.delete(id);
    this.#names.set(id, name);
    if (this.#names.size <= this.#most) return;
    for (const oldest of this.#names.keys()) return void this.#names.delete(oldest);
  }
}
