/**
 * Tokenizes markup: code, links and mentions become whole tokens, `*` and `**` are left to be
 * paired.
 *
 * @module
 */
import { foldName } from "../../protocol/wire.js";
import { continuesName, joinsWord } from "./names.js";

/** @typedef {import("./markup.js").Token} Token */

/** @typedef {Token | { type: "mark", text: "*" | "**", opens: boolean, closes: boolean, mate: number }} Lexeme */

/**
 * @typedef {object} MentionState
 * @property {readonly string[]} names that may be mentioned though they hold a space
 * @property {number} left how many signs may still be looked at
 */

const INTERESTING = /`|\*\*|\*|https?:\/\/|@/giu;

/**
 * Splits a text without code blocks into marks, tokens and the text between them.
 *
 * @param {string} text
 * @param {MentionState} state
 * @returns {Lexeme[]}
 */
export function lex(text, state) {
  /** @type {Lexeme[]} */
  const lexemes = [];
  let done = 0;
  const lastTick = text.lastIndexOf("`");
  INTERESTING.lastIndex = 0;
  for (let match = INTERESTING.exec(text); match; match = INTERESTING.exec(text)) {
    const at = match.index;
    const found = read(text, at, match[0], state, lastTick);
    if (!found) continue;
    if (at > done) lexemes.push({ type: "text", text: text.slice(done, at) });
    lexemes.push(found.lexeme);
    done = found.end;
    INTERESTING.lastIndex = done;
  }
  if (done < text.length) lexemes.push({ type: "text", text: text.slice(done) });
  return lexemes;
}

/**
 * @param {string} text
 * @param {number} at
 * @param {string} sign
 * @param {MentionState} state
 * @param {number} lastTick
 * @returns {{ lexeme: Lexeme, end: number } | null}
 */
function read(text, at, sign, state, lastTick) {
  if (sign === "`") return at < lastTick ? readCode(text, at) : null;
  if (sign === "@") return state.left > 0 ? readMention(text, at, state) : null;
  if (sign === "*" || sign === "**") return readMark(text, at, sign);
  return readLink(text, at);
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {{ lexeme: Lexeme, end: number } | null}
 */
function readCode(text, at) {
  const end = text.indexOf("`", at + 1);
  if (end <= at + 1) return null;
  return { lexeme: { type: "code", text: text.slice(at + 1, end) }, end: end + 1 };
}

/**
 * @param {string} text
 * @param {number} at
 * @param {"*" | "**"} sign
 * @returns {{ lexeme: Lexeme, end: number }}
 */
function readMark(text, at, sign) {
  const before = text.charAt(at - 1);
  const after = text.charAt(at + sign.length);
  // `2*3*4` is arithmetic, not italics.
  const inside = sign === "*" && /[a-z0-9]/i.test(before) && /[a-z0-9]/i.test(after);
  const opens = /\S/.test(after) && !inside;
  const closes = /\S/.test(before) && !inside;
  const lexeme = /** @type {const} */ ({ type: "mark", text: sign, opens, closes, mate: -1 });
  return { lexeme: { ...lexeme }, end: at + sign.length };
}

/**
 * @param {string} text
 * @param {number} at
 * @returns {{ lexeme: Lexeme, end: number } | null}
 */
function readLink(text, at) {
  if (joinsWord(text.charAt(at - 1))) return null;
  const run = /^[^\s<>"`\u3000-\u3002\uff00-\uff0f\uff1a-\uff20*]+/u.exec(
    text.slice(at, at + 2048),
  );
  const written = withoutTail(run?.[0] ?? "");
  if (!URL.canParse(written) || !/^https?:\/\/[^/]/i.test(written)) return null;
  const { href } = new URL(written);
  return { lexeme: { type: "link", text: written, href }, end: at + written.length };
}

/**
 * Removes punctuation at the end of a link, which belongs to the sentence; also a closing bracket, unless the
 * link contains the opening one.
 *
 * @param {string} link
 */
function withoutTail(link) {
  let end = link.length;
  let surplus = link.split(")").length - link.split("(").length;
  for (; end > 0; end--) {
    const last = link.charAt(end - 1);
    if (last === ")" && surplus > 0) surplus--;
    else if (!/[.,;:!?'\]}]/.test(last)) break;
  }
  return link.slice(0, end);
}

/**
 * @param {string} text
 * @param {number} at
 * @param {MentionState} state
 * @returns {{ lexeme: Lexeme, end: number } | null}
 */
function readMention(text, at, state) {
  if (joinsWord(text.charAt(at - 1))) return null;
  state.left--;
  const name = knownName(text, at + 1, state.names) ??
    /^[\p{L}\p{N}_][\p{L}\p{M}\p{N}_-]{0,31}/u.exec(text.slice(at + 1, at + 129))?.[0];
  if (!name) return null;
  const end = at + 1 + name.length;
  return { lexeme: { type: "mention", text: text.slice(at, end), name }, end };
}

/**
 * The longest known name that is a whole word at this position, as written in the text.
 *
 * @param {string} text
 * @param {number} at
 * @param {readonly string[]} names
 */
function knownName(text, at, names) {
  /** @type {string | undefined} */
  let longest;
  for (const name of names) {
    if (name.length <= (longest?.length ?? 0)) continue;
    const written = text.slice(at, at + name.length);
    if (foldName(written) !== foldName(name)) continue;
    if (!continuesName(text.charAt(at + name.length), name)) longest = written;
  }
  return longest;
}
