/**
 * What the page and the server must agree on to the letter: the limits of names, rooms and
 * texts, which close codes mean "come back", and the reading of a `hubbub.v1` frame. A plain ES
 * module with JSDoc types, because the page has no build step; `protocol.ts` hands it on to the
 * server, the terminal client and the load generator. Imports nothing.
 *
 * @module
 */

/** The subprotocol of serious clients: JSON lines, several to a frame under load. */
export const LINES = "hubbub.v1";

/** The subprotocol of a person at a terminal: plain text lines. */
export const TEXT = "hubbub.text.v1";

/** The room that a login without `room` enters. */
export const LOBBY = "lobby";

/** Longest text of one message, in bytes of UTF-8. */
export const MAX_CONTENT_BYTES = 16 * 1024;

/** Longest name, in Unicode code points after NFC. */
export const MAX_NAME_LENGTH = 32;

/** Longest client-made id, in UTF-16 code units. */
export const MAX_ID_LENGTH = 64;

/** Most messages that one `history` or `search` may ask for. */
export const MAX_PAGE = 200;

/** Most missed messages that a resume replays; who missed more gets the newest page instead. */
export const MAX_REPLAY = 1000;

/** A room's name: 1 to 64 characters that need no escaping in a URL or a file name. */
export const ROOM_PATTERN = /^[a-z0-9][a-z0-9-_]{0,63}$/;

/**
 * Characters that show nothing of themselves and yet belong into words and emoji: the joiners and the
 * variation selectors. A name may hold them, but they make no difference between two names.
 */
const JOINING = /[\u200c\u200d\p{Variation_Selector}]/gu;

/**
 * Characters that a name must not hold: controls, line and paragraph separators, and whatever else
 * shows nothing of itself, bidirectional controls (Unicode UAX #9) included.
 */
const FORBIDDEN_IN_NAME =
  /[\p{Cc}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffb]/u;

/** The flags of England, Scotland and Wales, which are spelled with otherwise invisible characters. */
const TAGGED_FLAG = /\p{RGI_Emoji_Tag_Sequence}/gv;

/**
 * Brings a name into the form in which it is kept and shown (NFC), or says why it cannot be one.
 *
 * @param {string} name
 * @returns {{ name: string } | { problem: string }}
 */
export function checkName(name) {
  if (!name.isWellFormed()) return { problem: "name must be well-formed Unicode" };
  const normal = name.normalize("NFC");
  // A code point takes at most two code units: a long text is refused without being taken apart.
  const length = normal.length > 2 * MAX_NAME_LENGTH ? Infinity : [...normal].length;
  if (length < 1 || length > MAX_NAME_LENGTH) {
    return { problem: `name must have 1 to ${MAX_NAME_LENGTH} characters` };
  }
  const visible = normal.replace(JOINING, "");
  if (visible.trim() !== visible) {
    return { problem: "name must not begin or end with white space" };
  }
  if (visible === "" || FORBIDDEN_IN_NAME.test(visible.replace(TAGGED_FLAG, ""))) {
    return { problem: "name must not hold control, invisible or bidirectional characters" };
  }
  if (/^#\d+$/.test(visible)) {
    return { problem: "name must not be # and a number, which addresses a connection" };
  }
  return { name: normal };
}

/**
 * The key under which two names are the same name: compared case-insensitively after NFC, and without
 * what nobody sees: joiners, variation selectors, and which kind of white space it is.
 *
 * @param {string} name
 */
export function foldName(name) {
  const visible = name.replace(JOINING, "").replace(/\s+/g, " ").normalize("NFC");
  // Lower case first for ẞ, upper case for ß and ς; NFC again, since ΐ comes back decomposed.
  return visible.toLowerCase().toUpperCase().toLowerCase().normalize("NFC");
}

/**
 * Whether a client should reconnect by itself after this close code. 4500 to 4999 say no, and so
 * does 1000 (asked for) and 1008 (sustained abuse); everything else, codes that never arrived
 * (0, 1005, 1006) included, says come back.
 *
 * @param {number} code
 */
export function shouldReconnect(code) {
  return code !== 1000 && code !== 1008 && !(code >= 4500 && code <= 4999);
}

/**
 * Reads one frame of `hubbub.v1` and restores what lean lines leave out: a line without `type` is
 * a `user` message that continues the line before it; `room` and `time` are that line's where
 * they are absent, `seq` is one more where it is absent.
 *
 * @param {string} frame one or more JSON objects separated by `\n`; empty lines are skipped
 * @returns {import("./messages.ts").ServerMessage[]}
 * @throws {Error} if a line is not a JSON object; a server that follows the protocol never sends one
 */
export function decodeFrame(frame) {
  const messages = [];
  let before;
  for (const line of frame.split("\n")) {
    if (line === "") continue;
    const message = JSON.parse(line);
    if (message.type === undefined) {
      message.type = "user";
      message.room ??= before?.room;
      message.time ??= before?.time;
      message.seq ??= before?.seq + 1;
    }
    messages.push(message);
    before = message;
  }
  return messages;
}
