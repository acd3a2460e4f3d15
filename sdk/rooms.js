/**
 * The rooms that a client is in or wants to be in again: how far each was seen, so that a returning
 * client gets what it missed and everything once, and what of it is unread. Knows no sockets.
 *
 * @module
 */
import { attended, readUpTo } from "./unread.js";

/** @typedef {import("../protocol/messages.ts").History} History */
/** @typedef {import("../protocol/messages.ts").UserMessage} UserMessage */
/** @typedef {import("./unread.js").Unread} Unread */

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
 * @typedef {Position & { entered: boolean, awaited: boolean, unread: Unread }} Room
 * `entered`: the server let us in on this connection; `awaited`: the history that answers our claim is
 * still to come
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
    if (this.#rooms.has(room)) return;
    this.#rooms.set(room, { last, epoch, entered: false, awaited: true, unread: readUpTo(last) });
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

  /**
   * @param {string} room
   * @param {boolean} entered whether the server let us in, or out
   */
  setEntered(room, entered) {
    const known = this.#rooms.get(room);
    if (known) known.entered = entered;
  }

  /** The connection broke: we are in no room. */
  lost() {
    for (const room of this.#rooms.values()) room.entered = false;
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
    if (!resumed) known.unread = readUpTo(known.last);
    const messages = history.messages.filter(({ seq }) => seq > before);
    return { history: { ...history, messages }, resumed, before };
  }

  /** @param {string} room */
  unread(room) {
    return this.#rooms.get(room)?.unread ?? readUpTo();
  }

  /**
   * @param {string} room
   * @param {Unread} unread
   */
  setUnread(room, unread) {
    const known = this.#rooms.get(room);
    if (known) known.unread = unread;
  }

  /** Marks everything in a room as read. @param {string} room */
  markRead(room) {
    this.setUnread(room, attended(this.unread(room), this.last(room)));
  }
}
