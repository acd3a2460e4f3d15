/**
 * How far the user has read each room: counts what is unread on top of what the server counted at the
 * login, tells the server where the reader is, and follows the user's other devices.
 *
 * @module
 */
import { counted, readOn, readUpTo, received } from "./unread.js";

/** @typedef {import("./unread.js").Unread} Unread */
/** @typedef {import("../protocol/messages.ts").MembershipEntry} MembershipEntry */

/** Shortest time between two `read` requests about one room, in milliseconds. */
export const MARK_MS = 1_000;

/** Maximum number of unread messages that are remembered one by one; older ones are only counted. */
const MAX_KNOWN = 500;

/**
 * @typedef {object} Marker
 * @property {Unread} unread
 * @property {number} counted greatest `seq` that `unread` takes into account
 * @property {{ seq: number, mention: boolean }[]} known unread messages that came one by one
 * @property {{ count: number, mentions: number, last: number }} older unread ones of which only the number
 * is known; `last`: none of them is behind this `seq`
 * @property {number} sentAt when the server was told last, in milliseconds since 1970
 * @property {(() => void) | undefined} cancel the request that is about to be sent
 */

/**
 * @typedef {object} ReadingOptions
 * @property {(room: string, seq: number) => boolean} send tells the server; false if it cannot be told now
 * @property {Pick<import("./environment.js").Environment, "now" | "later">} environment
 */

export class Reading {
  /** @type {Map<string, Marker>} */
  #markers = new Map();
  #options;

  /** @param {ReadingOptions} options */
  constructor(options) {
    this.#options = options;
  }

  /** @param {string} room */
  unread(room) {
    return this.#markers.get(room)?.unread ?? readUpTo();
  }

  /** Greatest `seq` taken into account in a room; 0 if none. @param {string} room */
  counted(room) {
    return this.#markers.get(room)?.counted ?? 0;
  }

  /**
   * The server's own counts. Where this client is ahead of the server, whose marker it had no time to
   * move, its own stay and the server is told.
   *
   * @param {readonly MembershipEntry[]} entries
   */
  seed(entries) {
    for (const entry of entries) {
      const marker = this.#markers.get(entry.room);
      const ahead = marker?.unread.read ?? 0;
      const isAhead = ahead > entry.read && ahead <= entry.last;
      const isComplete = isAhead && (marker?.counted ?? 0) >= entry.last;
      if (!isComplete) this.#seed(isAhead ? behind(entry, ahead) : entry, marker);
      if (isAhead) this.#tell(entry.room, this.#marker(entry.room));
    }
  }

  /**
   * A room was entered: what was said up to here is not news, unless the server counts it.
   *
   * @param {string} room
   * @param {number} seq
   * @param {number} [end] of the room; a marker beyond it is of data that the server has no more
   */
  start(room, seq, end = Infinity) {
    const marker = this.#markers.get(room);
    if (!marker || marker.unread.read > end) this.#markers.set(room, fresh(seq));
  }

  /**
   * A room starts over: a marker of this client counts only if the server has it too, because the numbers
   * may be those of other messages now. Without the server's counts, it stays unless it is beyond the end.
   *
   * @param {string} room
   * @param {number} end of the room
   * @param {MembershipEntry | undefined} entry
   */
  restart(room, end, entry) {
    if (!entry) return this.start(room, end, end);
    this.#seed(entry, this.#markers.get(room));
  }

  /**
   * A message that is not taken into account yet.
   *
   * @param {import("../protocol/messages.ts").UserMessage} message
   * @param {{ own: boolean, mention: boolean }} about
   */
  receive({ room, seq }, { own, mention }) {
    const marker = this.#marker(room);
    if (seq <= marker.counted) return;
    marker.counted = seq;
    if (own) {
      const wasUnread = marker.unread.count > 0;
      marker.unread = readUpTo(seq);
      forget(marker, seq);
      if (wasUnread) this.#tell(room, marker);
      return;
    }
    marker.unread = received(marker.unread, { seq, mention }, false);
    if (seq > marker.unread.read) remember(marker, { seq, mention });
  }

  /**
   * The reader has read a room up to here.
   *
   * @param {string} room
   * @param {number} seq
   */
  mark(room, seq) {
    if (this.#advance(room, seq)) this.#tell(room, this.#marker(room));
  }

  /** The server tells how far the user has read. @param {import("../protocol/messages.ts").Read} read */
  follow({ room, seq }) {
    this.#advance(room, seq);
  }

  /** Tells the server what it was not told yet. */
  flush() {
    for (const [room, marker] of this.#markers) {
      if (marker.cancel) this.#send(room, marker);
    }
  }

  /** The connection broke: the next login shows what the server knows. */
  lost() {
    for (const marker of this.#markers.values()) {
      marker.cancel?.();
      marker.cancel = undefined;
    }
  }

  /** The room was left. @param {string} room */
  delete(room) {
    this.#markers.get(room)?.cancel?.();
    this.#markers.delete(room);
  }

  /** Nothing of it is true any more. */
  clear() {
    this.lost();
    this.#markers.clear();
  }

  /**
   * @param {MembershipEntry} entry
   * @param {Marker | undefined} marker of before
   */
  #seed(entry, marker) {
    const { room, last, unread: count, mentions } = entry;
    marker?.cancel?.();
    const unread = counted(entry, marker?.unread.line);
    this.#markers.set(room, { ...fresh(last), unread, older: { count, mentions, last } });
  }

  /** @param {string} room */
  #marker(room) {
    const marker = this.#markers.get(room) ?? fresh(0);
    this.#markers.set(room, marker);
    return marker;
  }

  /**
   * @param {string} room
   * @param {number} seq
   * @returns {boolean} whether that is further than before
   */
  #advance(room, seq) {
    const marker = this.#marker(room);
    if (seq <= marker.unread.read) return false;
    forget(marker, seq);
    const { known, older } = marker;
    marker.unread = readOn(marker.unread, seq, {
      count: older.count + known.length,
      mentions: older.mentions + known.filter(({ mention }) => mention).length,
    });
    marker.counted = Math.max(marker.counted, seq);
    return true;
  }

  /**
   * Tells the server at once, or a little later: the last one wins.
   *
   * @param {string} room
   * @param {Marker} marker
   */
  #tell(room, marker) {
    if (marker.cancel) return;
    const { environment } = this.#options;
    const wait = marker.sentAt + MARK_MS - environment.now();
    if (wait > 0) marker.cancel = environment.later(() => this.#send(room, marker), wait);
    else this.#send(room, marker);
  }

  /**
   * @param {string} room
   * @param {Marker} marker
   */
  #send(room, marker) {
    marker.cancel?.();
    marker.cancel = undefined;
    const { environment, send } = this.#options;
    if (send(room, marker.unread.read)) marker.sentAt = environment.now();
  }
}

/**
 * @param {number} last
 * @returns {Marker}
 */
function fresh(last) {
  const older = { count: 0, mentions: 0, last: 0 };
  const never = { sentAt: Number.NEGATIVE_INFINITY, cancel: undefined };
  return { unread: readUpTo(last), counted: last, known: [], older, ...never };
}

/**
 * What the server would count if it knew how far the reader is.
 *
 * @param {MembershipEntry} entry
 * @param {number} read
 * @returns {MembershipEntry}
 */
function behind(entry, read) {
  const unread = Math.min(entry.unread, entry.last - read);
  return { ...entry, read, unread, mentions: Math.min(entry.mentions, unread) };
}

/**
 * @param {Marker} marker
 * @param {{ seq: number, mention: boolean }} message
 */
function remember({ known, older }, message) {
  known.push(message);
  if (known.length <= MAX_KNOWN) return;
  const first = known.shift();
  if (!first) return;
  older.count++;
  older.mentions += first.mention ? 1 : 0;
  older.last = first.seq;
}

/**
 * Of the messages of which only the number is known, at most those behind `seq` are left.
 *
 * @param {Marker} marker
 * @param {number} seq
 */
function forget(marker, seq) {
  const { older } = marker;
  const count = Math.min(older.count, Math.max(0, older.last - seq));
  marker.older = { ...older, count, mentions: Math.min(older.mentions, count) };
  marker.known = marker.known.filter((message) => message.seq > seq);
}
