/**
 * The rooms that a client is in or wants to be in again: how far each was seen, so that a returning
 * client gets what it missed and everything once. Knows no sockets.
 *
 * A direct conversation is a room called `@` and the id of the other one. The server tells what is said
 * there without being asked to let anybody in; entering it brings its newest page, or what was missed.
 *
 * @module
 */
import { ChangeCount } from "./change_count.js";

/** @typedef {import("../protocol/messages.ts").History} History */
/** @typedef {import("../protocol/messages.ts").UserMessage} UserMessage */
/** @typedef {import("../protocol/messages.ts").MembershipEntry} MembershipEntry */
/** @typedef {import("../protocol/requests.ts").Seen} Seen */
/** @typedef {import("./types.js").Position} Position */

/**
 * An epoch that no server has. A first visit claims to return from it, and so gets the room's newest
 * page, joined to the live events without a gap, where a login without `since` would get nothing.
 */
const NO_EPOCH = "none";

/**
 * What is known of a room.
 *
 * @typedef {object} Room
 * @property {number} last greatest `seq` seen; 0 if none
 * @property {number | undefined} at `time` of that message, if it was seen
 * @property {ChangeCount} changes
 * @property {string} epoch of the server when the room was brought up to date last
 * @property {string | undefined} run of the server then
 * @property {boolean} entered the server let us in on this connection
 * @property {boolean} awaited the history that answers our claim is still to come
 * @property {boolean} due a claim has to be made once more, though the server let us in
 * @property {boolean} automatic a direct conversation that was heard of, but not asked for
 * @property {boolean} held something of the room was told, here or in an earlier run
 */

/**
 * What the answer to a claim tells.
 *
 * @typedef {object} CaughtUp
 * @property {History} history without what was seen before
 * @property {boolean} resumed whether it follows what was seen before, rather than starting afresh
 * @property {boolean} restarted whether something was seen before that is void now
 * @property {boolean} renumbered whether the numbers of before may count other messages now
 * @property {number} before `seq` of the last message seen before; 0 if none
 * @property {(message: UserMessage) => boolean} isMissed whether a message of the page was said after the last
 * one that was seen before
 */

export class Rooms {
  /** In the order of entering. @type {Map<string, Room>} */
  #rooms = new Map();
  /** The server as it is now. @type {{ epoch: string, run?: string | undefined }} */
  #server = { epoch: NO_EPOCH };

  /** @param {{ epoch: string, run?: string | undefined }} handshake */
  greeted({ epoch, run }) {
    this.#server = { epoch, run };
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
  add(room, { last = 0, at, changes = 0, epoch = NO_EPOCH, run } = {}) {
    const known = this.#rooms.get(room);
    if (known && !known.automatic) return;
    this.#rooms.set(room, {
      ...this.#room({ awaited: true, held: epoch !== NO_EPOCH }),
      ...{ last, at, epoch, run, changes: new ChangeCount(changes) },
    });
  }

  /** A room that was made just now, and that we are in. @param {string} room */
  create(room) {
    this.#rooms.set(room, this.#room({ entered: true, held: true }));
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
    this.#rooms.set(room, { ...this.#room({ automatic: true }), last });
  }

  /**
   * The answer to a login: direct conversations of which nothing was told, and in which nothing was missed,
   * go on by themselves. In the others something may have been changed.
   *
   * @param {readonly MembershipEntry[]} entries
   */
  returned(entries) {
    for (const { room, last } of entries) {
      if (!room.startsWith("@")) continue;
      this.hear(room, last);
      const known = this.#rooms.get(room);
      if (!known || known.held || known.epoch !== this.#server.epoch || known.last !== last) {
        continue;
      }
      known.run = this.#server.run;
      known.awaited = false;
      known.entered = !known.automatic;
    }
  }

  /** Forgets the direct conversations; `untold`: only those of which nothing was asked for or told. */
  deleteDirect({ untold = false } = {}) {
    for (const [name, { automatic, held }] of this.#rooms) {
      if (name.startsWith("@") && (!untold || (automatic && !held))) this.#rooms.delete(name);
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
   * @returns {Seen & { since: number }}
   */
  claim(room) {
    const known = this.#rooms.get(room);
    if (!known) return { since: 0, epoch: NO_EPOCH };
    known.awaited = true;
    known.due = false;
    if (known.epoch === NO_EPOCH || known.changes.isTorn) return { since: 0, epoch: NO_EPOCH };
    const { last: since, ...seen } = positionOf(known);
    return { since, ...seen };
  }

  /**
   * What is missing in a room could not be read: it has to be claimed once more, from where it was seen
   * without a gap.
   *
   * @param {string} room
   */
  claimAgain(room) {
    const known = this.#rooms.get(room);
    if (!known) return;
    known.awaited = true;
    known.due = true;
  }

  /**
   * How far a room was seen; undefined if it was not, or if nobody can say because something is missing.
   *
   * @param {string} room
   * @returns {Position | undefined}
   */
  position(room) {
    const known = this.#rooms.get(room);
    const isSeen = known && known.epoch !== NO_EPOCH && known.changes.isWhole;
    return isSeen ? positionOf(known) : undefined;
  }

  /** @param {string} room */
  isEntered(room) {
    return this.#rooms.get(room)?.entered === true;
  }

  /** Whether the server has to be asked to let us in, or what was missed. @param {string} room */
  isOutside(room) {
    const known = this.#rooms.get(room);
    if (!known) return false;
    return known.due || (!known.entered && (known.awaited || !known.automatic));
  }

  /** Whether the answer to a claim is still to come. @param {string} room */
  isAwaited(room) {
    return this.#rooms.get(room)?.awaited === true;
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
      room.due = false;
      room.changes.lost();
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
  see({ room, seq, time }) {
    const known = this.#rooms.get(room);
    if (!known || known.awaited) return "elsewhere";
    if (seq <= known.last) return "known";
    if (seq > known.last + 1) return "gap";
    known.last = seq;
    known.at = time;
    known.held = true;
    return "new";
  }

  /**
   * Takes in a live edit, deletion or reaction.
   *
   * @param {{ room: string, change?: number }} event
   * @returns {boolean} whether it is not contained in what was told of the room
   */
  seeChange({ room, change }) {
    const known = this.#rooms.get(room);
    if (!known || change === undefined) return true;
    return known.changes.see(change, known.awaited);
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
    if (history.id !== undefined || !known?.awaited || known.due) return undefined;
    const { held, last, at, epoch, run } = known;
    const resumed = epoch !== NO_EPOCH && history.complete;
    const before = resumed ? last : 0;
    const messages = history.messages.filter(({ seq }) => seq > before);
    const newest = messages.at(-1);
    Object.assign(known, this.#server, { awaited: false, held: true });
    known.last = Math.max(before, history.last);
    known.at = newest?.time ?? (resumed ? at : undefined);
    known.changes.start(history.change ?? 0);
    const isMissed = (/** @type {UserMessage} */ { seq, time }) => {
      if (at === undefined) return epoch === this.#server.epoch && seq > last;
      // The numbers of before may count other messages now: the times tell which are new.
      return resumed || time > at || (time === at && seq > last);
    };
    return {
      history: { ...history, messages },
      resumed,
      restarted: held && !resumed,
      renumbered: run === undefined || run !== this.#server.run,
      before,
      isMissed,
    };
  }

  /**
   * @param {Partial<Room>} more
   * @returns {Room}
   */
  #room(more) {
    const outside = { entered: false, awaited: false, due: false, automatic: false, held: false };
    const { epoch, run } = this.#server;
    return { last: 0, at: undefined, changes: new ChangeCount(0), epoch, run, ...outside, ...more };
  }
}

/**
 * @param {Room} room
 * @returns {Position & { changes: number }}
 */
function positionOf({ last, at, changes, epoch, run }) {
  return {
    last,
    ...(at !== undefined && { at }),
    changes: changes.last,
    epoch,
    ...(run !== undefined && { run }),
  };
}
