/**
 * The rooms that a client is in or wants to be in again: how far each was seen, so that a returning
 * client gets what it missed and everything once. Knows no sockets.
 *
 * A direct conversation is a room called `@` and the id of the other one. The server tells what is said
 * there without being asked to let anybody in; entering it brings its newest page, or what was missed.
 *
 * @module
 */
/** @typedef {import("../protocol/messages.ts").History} History */
/** @typedef {import("../protocol/messages.ts").UserMessage} UserMessage */
/** @typedef {import("../protocol/messages.ts").MembershipEntry} MembershipEntry */

/**
 * An epoch that no server has. A first visit claims to return from it, and so gets the room's newest
 * page, joined to the live events without a gap, where a login without `since` would get nothing.
 */
const NO_EPOCH = "none";

/**
 * How far a room was seen.
 *
 * @typedef {object} Position
 * @property {number} last greatest `seq` seen; 0 if none
 * @property {string} epoch in which `last` was counted
 */

/**
 * @typedef {Position & { entered: boolean, awaited: boolean, automatic: boolean }} Room
 * `entered`: the server let us in on this connection; `awaited`: the history that answers our claim is
 * still to come; `automatic`: a direct conversation that was heard of, but not asked for
 */

/**
 * What the answer to a claim tells.
 *
 * @typedef {object} CaughtUp
 * @property {History} history without what was seen before
 * @property {boolean} resumed whether it follows what was seen before, rather than starting afresh
 * @property {number} before `seq` of the last message seen before; 0 if none
 */

export class Rooms {
  /** In the order of entering. @type {Map<string, Room>} */
  #rooms = new Map();
  #epoch = NO_EPOCH;

  /** The epoch of the server as it is now, from its handshake. @param {string} epoch */
  set epoch(epoch) {
    this.#epoch = epoch;
  }

  /** In the order of entering. */
  get names() {
    return [...this.#rooms.keys()];
  }

  /** @param {string} room */
  has(room) {
    return this.#rooms.has(room);
  }

  /**
   * Wants to be in a room from now on.
   *
   * @param {string} room
   * @param {Partial<Position>} [position] how far it was seen in an earlier run
   */
  add(room, { last = 0, epoch = NO_EPOCH } = {}) {
    const known = this.#rooms.get(room);
    if (known && !known.automatic) return;
    const outside = { entered: false, awaited: true, automatic: false };
    this.#rooms.set(room, { last, epoch, ...outside });
  }

  /** A room that was made just now, and that we are in. @param {string} room */
  create(room) {
    const inside = { entered: true, awaited: false, automatic: false };
    this.#rooms.set(room, { last: 0, epoch: this.#epoch, ...inside });
  }

  /**
   * A direct conversation was entered, perhaps by the name of the other one, whose id only the server
   * knew: its newest page comes next.
   *
   * @param {string} room
   */
  open(room) {
    const known = this.#rooms.get(room);
    if (!known?.awaited) this.add(room);
  }

  /**
   * Hears of a direct conversation.
   *
   * @param {string} room
   * @param {number} last greatest `seq` that is no news
   */
  hear(room, last) {
    if (this.#rooms.has(room)) return;
    const heard = { entered: false, awaited: false, automatic: true };
    this.#rooms.set(room, { last, epoch: this.#epoch, ...heard });
  }

  /**
   * The answer to a login: direct conversations in which nothing was missed go on by themselves.
   *
   * @param {readonly MembershipEntry[]} entries
   */
  returned(entries) {
    for (const { room, last } of entries) {
      if (!room.startsWith("@")) continue;
      this.hear(room, last);
      const known = this.#rooms.get(room);
      if (!known || known.epoch !== this.#epoch || known.last !== last) continue;
      known.awaited = false;
      known.entered = !known.automatic;
    }
  }

  /** Forgets the direct conversations; `automatic`: only those that nobody asked for. */
  deleteDirect({ automatic = false } = {}) {
    for (const [name, room] of this.#rooms) {
      if (name.startsWith("@") && (room.automatic || !automatic)) this.#rooms.delete(name);
    }
  }

  /** The room was left for good. @param {string} room */
  delete(room) {
    this.#rooms.delete(room);
  }

  /** Enters this room before the others. @param {string} room */
  prefer(room) {
    const known = this.#rooms.get(room);
    if (!known) return;
    this.#rooms.delete(room);
    this.#rooms = new Map([[room, known], ...this.#rooms]);
  }

  /**
   * What to claim when entering a room.
   *
   * @param {string} room
   * @returns {{ since: number, epoch: string }}
   */
  claim(room) {
    const known = this.#rooms.get(room);
    if (known) known.awaited = true;
    return { since: known?.last ?? 0, epoch: known?.epoch ?? NO_EPOCH };
  }

  /** @param {string} room */
  isEntered(room) {
    return this.#rooms.get(room)?.entered === true;
  }

  /** Whether the server has to be asked to let us in. @param {string} room */
  isOutside(room) {
    const known = this.#rooms.get(room);
    return known !== undefined && !known.entered && (known.awaited || !known.automatic);
  }

  /** The server let us in. @param {string} room */
  setEntered(room) {
    const known = this.#rooms.get(room);
    if (known) known.entered = true;
  }

  /** The connection broke: we are in no room. */
  lost() {
    for (const room of this.#rooms.values()) {
      room.entered = false;
      room.awaited = true;
    }
  }

  /**
   * Takes in a live message.
   *
   * - `new`: it counts as seen from here on;
   * - `known`: it was seen before;
   * - `gap`: messages before it are missing, and it does not count as seen;
   * - `elsewhere`: it is of a room that was left, or of an earlier stay in one.
   *
   * @param {UserMessage} message
   * @returns {"new" | "known" | "gap" | "elsewhere"}
   */
  see({ room, seq }) {
    const known = this.#rooms.get(room);
    if (!known || known.awaited) return "elsewhere";
    if (seq <= known.last) return "known";
    // Where nothing is known, the server may have failed to read the newest page: nothing is missing.
    if (known.last > 0 && seq > known.last + 1) return "gap";
    known.last = seq;
    return "new";
  }

  /** Counts the messages before this one as seen, though they are missing. @param {UserMessage} message */
  skipTo({ room, seq }) {
    const known = this.#rooms.get(room);
    if (known) known.last = Math.max(known.last, seq - 1);
  }

  /** Greatest `seq` seen in a room; 0 if none. @param {string} room */
  last(room) {
    return this.#rooms.get(room)?.last ?? 0;
  }

  /**
   * Takes in the answer to a claim.
   *
   * @param {History} history
   * @returns {CaughtUp | undefined} undefined if it answers no claim
   */
  catchUp(history) {
    const known = this.#rooms.get(history.room);
    if (history.id !== undefined || !known?.awaited) return undefined;
    // A room that ends before what was seen of it comes from an older backup of the server's data.
    const wentBack = history.messages.length > 0 && history.last < known.last;
    const resumed = known.epoch === this.#epoch && !wentBack;
    const before = resumed ? known.last : 0;
    known.awaited = false;
    known.last = Math.max(before, history.last);
    known.epoch = this.#epoch;
    const messages = history.messages.filter(({ seq }) => seq > before);
    return { history: { ...history, messages }, resumed, before };
  }
}
