/**
 * What every client and the server must agree on exactly: the limits of names, rooms and texts, which
 * close codes mean "reconnect", and the decoding of a `hubbub.v1` frame. A plain ES module with JSDoc
 * types, because the page has no build step; `protocol.ts` re-exports it. Imports nothing.
 *
 * @module
 */

/** The subprotocol for programs: JSON lines, several in a frame under load. */
export const LINES = "hubbub.v1";

/** The subprotocol for a person at a terminal: lines of plain text. */
export const TEXT = "hubbub.text.v1";

/** The default room of a login. */
export const LOBBY = "lobby";

/** Longest text of one message, in bytes of UTF-8. */
export const MAX_CONTENT_BYTES = 16 * 1024;

/** Longest topic of a room, in bytes of UTF-8. */
export const MAX_TOPIC_BYTES = 512;

/** Longest name, in Unicode code points after NFC. */
export const MAX_NAME_LENGTH = 32;

/** Longest id that a client chooses, in UTF-16 code units. */
export const MAX_ID_LENGTH = 64;

/** Greatest `limit` of `history` and `search`, in messages. */
export const MAX_PAGE = 200;

/** Maximum number of messages that a resume replays; a client that missed more gets the newest page. */
export const MAX_REPLAY = 1000;

/** A room name: 1 to 64 characters that need no escaping in a URL, in JSON or in a file name. */
export const ROOM_PATTERN = /^[a-z0-9][a-z0-9-_]{0,63}$/;

/**
 * Invisible characters that belong in words and emoji: joiners and variation selectors. A name may
 * contain them, but they do not distinguish two names.
 */
const JOINING = /[\u200c\u200d\p{Variation_Selector}]/gu;

/**
 * Characters that a name must not contain: controls, line and paragraph separators, all other invisible
 * characters, including bidirectional controls (Unicode UAX #9), and those without a meaning of their own:
 * unassigned, for private use, replacements of others.
 */
const FORBIDDEN_IN_NAME =
  /[\p{Cc}\p{Cn}\p{Co}\p{Zl}\p{Zp}\p{Default_Ignorable_Code_Point}\u2800\ufff9-\ufffd]/u;

/** A combining mark without a letter before it, or more in a row than any language writes. */
const STRAY_MARKS = /(?:^|\s)\p{M}|\p{M}{5}/u;

/** The flags of England, Scotland and Wales, which are spelled with otherwise forbidden characters. */
const TAGGED_FLAG = /\p{RGI_Emoji_Tag_Sequence}/gv;

/**
 * Normalizes a name to NFC, the form in which it is stored and displayed, or says why it is invalid.
 *
 * @param {string} name
 * @returns {{ name: string } | { problem: string }}
 */
export function checkName(name) {
  if (!name.isWellFormed()) return { problem: "name must be well-formed Unicode" };
  const normal = name.normalize("NFC");
  // A code point takes at most two code units: a long text is refused without being split.
  const length = normal.length > 2 * MAX_NAME_LENGTH ? Infinity : [...normal].length;
  if (length < 1 || length > MAX_NAME_LENGTH) {
    return { problem: `name must have 1 to ${MAX_NAME_LENGTH} characters` };
  }
  const visible = normal.replace(JOINING, "");
  if (visible.trim() !== visible) {
    return { problem: "name must not begin or end with white space" };
  }
  if (visible === "" || FORBIDDEN_IN_NAME.test(visible.replace(TAGGED_FLAG, ""))) {
    const kinds = "control, invisible, bidirectional, unassigned or private-use characters";
    return { problem: `name must not contain ${kinds}` };
  }
  if (STRAY_MARKS.test(visible)) {
    const allowed = "combining marks only after a letter or sign, at most 4 in a row";
    return { problem: `name must have ${allowed}` };
  }
  if (/^#\d+$/.test(visible)) {
    return { problem: "name must not be # and a number, which addresses a connection" };
  }
  if (visible.startsWith("@")) {
    return { problem: "name must not begin with @, which addresses a user by id" };
  }
  return { name: normal };
}

/**
 * The key of a name: two names with the same key are the same name. Ignores letter case, Unicode
 * normalization, joiners, variation selectors and the kind of white space.
 *
 * @param {string} name
 */
export function foldName(name) {
  const visible = name.replace(JOINING, "").replace(/\s+/g, " ").normalize("NFC");
  // Lower case first for ẞ, upper case for ß and ς; NFC again because ΐ comes out decomposed.
  return visible.toLowerCase().toUpperCase().toLowerCase().normalize("NFC");
}

/**
 * Whether a text mentions a name as `@name`, as a whole word and in any letter case. Server and clients
 * count with it, so that they agree.
 *
 * @param {string} text
 * @param {string} name
 */
export function mentions(text, name) {
  const haystack = foldName(text);
  const needle = "@" + foldName(name);
  for (let at = haystack.indexOf(needle); at >= 0; at = haystack.indexOf(needle, at + 1)) {
    const before = at === 0 ? "" : haystack.charAt(at - 1);
    const after = haystack.charAt(at + needle.length);
    if (!joinsWord(before) && !continuesName(after, name)) return true;
  }
  return false;
}

/** @param {string} character */
export function isWord(character) {
  return /[\p{L}\p{N}_]/u.test(character);
}

/**
 * Whether what follows this character belongs to its word, as the `@` in a mail address. After Han
 * and kana, which are written without spaces, anything may begin.
 *
 * @param {string} before
 */
export function joinsWord(before) {
  return isWord(before) && !/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(before);
}

/**
 * Han and kana are written without spaces, so a name in them may be followed by anything.
 *
 * @param {string} after the character behind the name
 * @param {string} name
 */
export function continuesName(after, name) {
  const last = [...name].at(-1) ?? "";
  if (/[\p{Script=Han}\p{Script=Hiragana}\p{Script=Katakana}]/u.test(last + after)) return false;
  return isWord(after);
}

/**
 * Whether a client should reconnect automatically after this close code: not after 4500 to 4999, 1000
 * (requested) and 1008 (sustained abuse); after all others, including those that stand for a missing
 * code (0, 1005, 1006).
 *
 * @param {number} code
 */
export function shouldReconnect(code) {
  return code !== 1000 && code !== 1008 && !(code >= 4500 && code <= 4999);
}

/**
 * Decodes one frame of `hubbub.v1` and restores what lean lines omit: a line without `type` is a `user`
 * message that continues the previous line. An absent `room` or `time` is the previous line's, an
 * absent `seq` is the previous line's plus one.
 *
 * @param {string} frame one or more JSON objects separated by `\n`; empty lines are skipped
 * @returns {import("./messages.ts").ServerMessage[]}
 * @throws {Error} if a line is not a JSON object; a conforming server never sends one
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
