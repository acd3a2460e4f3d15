/**
 * The markup of messages: `code`, fenced code blocks, **bold**, *italics*, links and @mentions,
 * from text to a tree of tokens. What is not well-formed markup stays as it was written. Time is
 * linear in the length of the text, whatever it holds.
 *
 * @module
 */
import { continuesName, joinsWord } from "./names.js";
import { foldName } from "../wire.js";

/**
 * @typedef {{ type: "text", text: string }
 *   | { type: "code", text: string }
 *   | { type: "block", text: string }
 *   | { type: "link", text: string, href: string }
 *   | { type: "mention", text: string, name: string }
 *   | { type: "bold" | "italic", children: Token[] }} Token
 */

/** @typedef {Token | { type: "mark", text: "*" | "**", opens: boolean, closes: boolean, mate: number }} Lexeme */

/** After this many signs that could be mentions the others in the same message are plain text. */
const MAX_MENTIONS = 50;

/**
 * @param {string} text
 * @param {readonly string[]} [names] names known in the conversation, so that one with a space
 * in it can be mentioned
 * @returns {Token[]}
 */
export function parseMarkup(text, names = []) {
  /** @type {Token[]} */
  const tokens = [];
  const parts = text.split("```");
  // An odd number of fences leaves the last one open: it is text.
  const open = parts.length % 2 === 0 ? parts.length - 1 : parts.length;
  const state = { names, left: MAX_MENTIONS };
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] ?? "";
    if (i >= open) tokens.push(...parseInline("```" + part, state));
    else if (i % 2 === 0) tokens.push(...parseInline(trimAround(part, i, open), state));
    else if (part.trim() === "") tokens.push({ type: "text", text: "```" + part + "```" });
    else tokens.push({ type: "block", text: blockText(part) });
  }
  return joinTexts(tokens);
}

/**
 * A block stands on lines of its own: the line breaks next to it are its, not the text's.
 *
 * @param {string} part
 * @param {number} index
 * @param {number} count
 */
function trimAround(part, index, count) {
  const begun = index > 0 ? part.replace(/^ *\n/, "") : part;
  return index < count - 1 ? begun.replace(/\n$/, "") : begun;
}

/**
 * Leaves out the language after the opening fence and the last line break.
 *
 * @param {string} part
 */
function blockText(part) {
  return part.replace(/^[\w+#.-]*\n/, "").replace(/\n$/, "");
}

/**
 * @param {string} text
 * @param {{ names: readonly string[], left: number }} state
 * @returns {Token[]}
 */
function parseInline(text, state) {
  return tree(matchMarks(lex(text, state)));
}

const INTERESTING = /`|\*\*|\*|https?:\/\/|@/giu;

/**
 * @param {string} text
 * @param {{ names: readonly string[], left: number }} state
 * @returns {Lexeme[]}
 */
function lex(text, state) {
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
 * @param {{ names: readonly string[], left: number }} state
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
 * Punctuation at the end of a link belongs to the sentence; a closing bracket too, unless the link
 * opened it.
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
 * @param {{ names: readonly string[], left: number }} state
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
 * The longest of the known names that stands here as a whole word, as written in the text.
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

/**
 * Pairs opening and closing marks. Each kind is open at most once, so nesting is at most two deep
 * and a closing mark finds its mate at once.
 *
 * @param {Lexeme[]} lexemes
 */
function matchMarks(lexemes) {
  /** @type {Record<"*" | "**", number>} */
  const open = { "*": -1, "**": -1 };
  lexemes.forEach((lexeme, index) => {
    if (lexeme.type !== "mark") return;
    const mark = lexeme.text;
    const other = mark === "*" ? "**" : "*";
    const begun = open[mark];
    if (lexeme.closes && begun >= 0 && begun < index - 1) {
      const mate = lexemes[begun];
      if (mate?.type === "mark") mate.mate = index;
      lexeme.mate = begun;
      open[mark] = -1;
      if (open[other] > begun) open[other] = -1;
    } else if (lexeme.opens && begun < 0) {
      open[mark] = index;
    }
  });
  return lexemes;
}

/**
 * @param {Lexeme[]} lexemes
 * @param {number} [from]
 * @param {number} [to]
 * @returns {Token[]}
 */
function tree(lexemes, from = 0, to = lexemes.length) {
  /** @type {Token[]} */
  const tokens = [];
  for (let i = from; i < to; i++) {
    const lexeme = lexemes[i];
    if (!lexeme) continue;
    if (lexeme.type !== "mark") {
      tokens.push(lexeme);
    } else if (lexeme.mate > i) {
      const type = lexeme.text === "*" ? "italic" : "bold";
      tokens.push({ type, children: joinTexts(tree(lexemes, i + 1, lexeme.mate)) });
      i = lexeme.mate;
    } else {
      tokens.push({ type: "text", text: lexeme.text });
    }
  }
  return tokens;
}

/**
 * @param {Token[]} tokens
 * @returns {Token[]}
 */
function joinTexts(tokens) {
  /** @type {Token[]} */
  const joined = [];
  for (const token of tokens) {
    const last = joined.at(-1);
    if (token.type === "text" && last?.type === "text") {
      joined[joined.length - 1] = { type: "text", text: last.text + token.text };
    } else if (token.type !== "text" || token.text !== "") {
      joined.push(token);
    }
  }
  return joined;
}

/**
 * What a text says without its markup, for a quote or a notification.
 *
 * @param {string} text
 */
export function plainText(text) {
  return parseMarkup(text).map(plainToken).join("");
}

/**
 * @param {Token} token
 * @returns {string}
 */
function plainToken(token) {
  return "children" in token ? token.children.map(plainToken).join("") : token.text;
}

/**
 * Whether a text is a few emoji and nothing else, which are shown larger.
 *
 * @param {string} text
 */
export function isEmojiOnly(text) {
  if (text.length > 24 || !/[\p{Extended_Pictographic}\p{Regional_Indicator}]/u.test(text)) {
    return false;
  }
  return /^[\p{Extended_Pictographic}\p{Emoji_Modifier}\p{Regional_Indicator}\u200d\ufe0f\s]+$/u
    .test(text);
}
