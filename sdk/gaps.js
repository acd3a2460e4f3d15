/**
 * Reads what is missing in a room before a live message. Until it is there, everything that happens in
 * that room waits, so that its order stays the server's. Nothing is ever passed over: if it cannot be read,
 * the room is claimed once more.
 *
 * @module
 */

/** @typedef {import("../protocol/messages.ts").ServerMessage} ServerMessage */
/** @typedef {import("../protocol/messages.ts").UserMessage} UserMessage */
/** @typedef {import("../protocol/messages.ts").History} History */

/**
 * @typedef {object} GapOptions
 * @property {(room: string, after: number) => Promise<History>} read the page after a `seq`
 * @property {(room: string) => number} last greatest `seq` seen in a room
 * @property {(message: ServerMessage) => void} deliver receives the messages that were read, then those that waited
 * @property {(room: string) => void} giveUp called when what is missing cannot be read: what waits is void
 */

export class Gaps {
  #options;
  /** Room → what waits in it. @type {Map<string, ServerMessage[]>} */
  #held = new Map();

  /** @param {GapOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /**
   * @param {ServerMessage} message
   * @returns {boolean} whether it has to wait, and will be delivered later
   */
  hold(message) {
    const held = "room" in message ? this.#held.get(message.room) : undefined;
    held?.push(message);
    return held !== undefined;
  }

  /** @param {UserMessage} message the first one after the gap */
  async fill(message) {
    const { room } = message;
    const { deliver, giveUp } = this.#options;
    /** @type {ServerMessage[]} */
    const held = [message];
    this.#held.set(room, held);
    const isOver = () => this.#held.get(room) !== held;
    const isRead = await this.#read(room, message.seq, isOver).catch(() => false);
    if (isOver()) return;
    this.#held.delete(room);
    if (!isRead) return giveUp(room);
    // One of them may have a gap of its own before it.
    for (const waiting of held) if (!this.hold(waiting)) deliver(waiting);
  }

  /**
   * @param {string} room
   * @param {number} end `seq` of the first message after the gap
   * @param {() => boolean} isOver
   * @returns {Promise<boolean>} whether nothing is missing any more
   */
  async #read(room, end, isOver) {
    const { read, last, deliver } = this.#options;
    for (let complete = false; !complete;) {
      const page = await read(room, last(room));
      if (isOver()) return false;
      for (const missed of page.messages) {
        // What lies in between has been removed.
        if (missed.seq > last(room) + 1) return false;
        deliver(missed);
      }
      complete = page.complete || page.messages.length === 0;
    }
    return last(room) >= end - 1;
  }

  /** The connection broke, or the room was left: a later claim brings what waits. @param {string} [room] */
  lost(room) {
    if (room === undefined) this.#held.clear();
    else this.#held.delete(room);
  }
}
