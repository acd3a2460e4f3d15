/**
 * The rooms that the user is a member of, whether this client is in them or not: as the answer to the
 * login listed them, and as they changed since.
 *
 * @module
 */

/** @typedef {import("../protocol/messages.ts").ServerMessage} ServerMessage */
/** @typedef {import("../protocol/messages.ts").MembershipEntry} MembershipEntry */
/** @typedef {import("../protocol/messages.ts").UserId} UserId */

export class Memberships {
  /** Whether the server keeps memberships, and with them read markers, for this user. */
  isKept = false;
  /** @type {Map<string, MembershipEntry>} */
  #entries = new Map();

  /** In the order of the server's list; those that came later are at the end. */
  get list() {
    return [...this.#entries.values()];
  }

  /** @param {MembershipEntry[] | undefined} entries from the answer to a login; undefined: none are kept */
  set(entries) {
    this.isKept = entries !== undefined;
    this.#entries = new Map(entries?.map((entry) => [entry.room, entry]));
  }

  /** @param {string} room */
  get(room) {
    return this.#entries.get(room);
  }

  /**
   * The user has become a member, or was one.
   *
   * @param {string} room
   * @param {Partial<MembershipEntry>} [more]
   */
  add(room, more = {}) {
    if (!this.isKept) return;
    const nothing = { room, last: 0, read: 0, unread: 0, mentions: 0 };
    this.#entries.set(room, { ...nothing, ...this.#entries.get(room), ...more });
  }

  /** The user is no member any more. @param {string} room */
  delete(room) {
    this.#entries.delete(room);
  }

  /**
   * Follows what happens to rooms and to the user's part in them.
   *
   * @param {ServerMessage} message
   * @param {UserId} me
   */
  follow(message, me) {
    switch (message.type) {
      case "create": {
        const { room, topic } = message;
        const isPrivate = message.private === true && { private: message.private };
        return this.add(room, { role: "owner", ...isPrivate, ...(topic && { topic }) });
      }
      case "invite":
        return message.user.id === me ? this.add(message.room) : undefined;
      case "remove":
        return message.user.id === me ? this.delete(message.room) : undefined;
      case "role":
        return message.user.id === me
          ? this.add(message.room, { role: message.content })
          : undefined;
      case "topic":
        return this.#setTopic(message.room, message.content);
      case "rename":
        return this.#rename(message.by, message.content);
    }
  }

  /**
   * @param {string} room
   * @param {string} topic empty: none any more
   */
  #setTopic(room, topic) {
    const entry = this.#entries.get(room);
    if (!entry) return;
    const { topic: _, ...rest } = entry;
    this.#entries.set(room, topic === "" ? rest : { ...rest, topic });
  }

  /**
   * The other one of a direct conversation is called differently.
   *
   * @param {UserId} id
   * @param {string} name
   */
  #rename(id, name) {
    const entry = this.#entries.get(`@${id}`);
    if (entry?.user) this.add(entry.room, { user: { ...entry.user, name } });
  }
}
