/**
 * Reads what is missing in a room before a live message. Until it is there, everything that happens in
 * that room waits, so that its order stays the server's.
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
 * @property {(message: UserMessage) => void} giveUp called when the messages before this one cannot be read
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
    const { read, last, deliver, giveUp } = this.#options;
    /** @type {ServerMessage[]} */
    const held = [message];
    this.#held.set(room, held);
    const isOver = () => this.#held.get(room) !== held;
    try {
      for (let complete = false; !complete;) {
        const page = await read(room, last(room));
        if (isOver()) return;
        for (const missed of page.messages) {
          // Retention has removed the messages in between.
          if (missed.seq > last(room) + 1) giveUp(missed);
          deliver(missed);
        }
        complete = page.complete || page.messages.length === 0;
      }
    } catch {
      if (isOver()) return;
    }
    this.#held.delete(room);
    if (last(room) < message.seq - 1) giveUp(message);
    // One of them may have a gap of its own before it.
    for (const waiting of held) if (!this.hold(waiting)) deliver(waiting);
  }

  /** The connection broke, or the room was left: a later claim brings what waits. @param {string} [room] */
  lost(room) {
    if (room === undefined) this.#held.clear();
    else this.#held.delete(room);
  }
}
