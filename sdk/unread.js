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
