/**
 * How far a conversation was read: counts, mentions and the "new" line. Pure: each function returns a
 * new state.
 *
 * @module
 */

/**
 * @typedef {object} Unread
 * @property {number} read greatest `seq` that was read
 * @property {number} count messages of others after it
 * @property {number} mentions those of them that mention the reader
 * @property {number} line `seq` of the first message below the "new" line; 0 for no line
 */

/**
 * Everything up to `seq` was read.
 *
 * @param {number} [seq]
 * @returns {Unread}
 */
export function readUpTo(seq = 0) {
  return { read: seq, count: 0, mentions: 0, line: 0 };
}

/**
 * Somebody else's message came.
 *
 * @param {Unread} unread
 * @param {{ seq: number, mention: boolean }} message
 * @param {boolean} isAttended whether the reader is looking at it
 * @returns {Unread}
 */
export function received(unread, { seq, mention }, isAttended) {
  if (seq <= unread.read) return unread;
  if (isAttended) return { ...unread, read: seq };
  return {
    read: unread.read,
    count: unread.count + 1,
    mentions: unread.mentions + (mention ? 1 : 0),
    line: unread.line > unread.read ? unread.line : seq,
  };
}

/**
 * What is unread as the server counts it at a login.
 *
 * @param {{ read: number, unread: number, mentions: number }} entry
 * @param {number} [line] of before, if it was known
 * @returns {Unread}
 */
export function counted({ read, unread, mentions }, line = 0) {
  if (unread === 0) return readUpTo(read);
  return { read, count: unread, mentions, line: line > read ? line : read + 1 };
}

/**
 * The reader has read up to `seq`, here or on another device. Never goes back; the line stays.
 *
 * @param {Unread} unread
 * @param {number} seq
 * @param {{ count: number, mentions: number }} left what is unread behind it
 * @returns {Unread}
 */
export function readOn(unread, seq, { count, mentions }) {
  if (seq <= unread.read) return unread;
  return { ...unread, read: seq, count, mentions };
}

/**
 * The reader looks at the end of the conversation. The line stays, to show where they left off.
 *
 * @param {Unread} unread
 * @param {number} live greatest `seq` of the conversation
 * @returns {Unread}
 */
export function attended(unread, live) {
  if (unread.count === 0 && unread.mentions === 0 && unread.read >= live) return unread;
  return { ...unread, read: Math.max(unread.read, live), count: 0, mentions: 0 };
}

/**
 * The reader turns away, or speaks: the line has served.
 *
 * @param {Unread} unread
 * @returns {Unread}
 */
export function lineServed(unread) {
  return unread.line !== 0 && unread.count === 0 ? { ...unread, line: 0 } : unread;
}
