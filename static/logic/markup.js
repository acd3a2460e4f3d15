/**
 * Parses the markup of messages (`code`, fenced code blocks, **bold**, *italics*, links and @mentions)
 * into a tree of tokens. Malformed markup stays as it was written. Takes linear time for any text.
 *
 * @module
 */
import { lex } from "./markup_lexer.js";

/**
 * @typedef {{ type: "text", text: string }
 *   | { type: "code", text: string }
 *   | { type: "block", text: string }
 *   | { type: "link", text: string, href: string }
 *   | { type: "mention", text: string, name: string }
 *   | { type: "bold" | "italic", children: Token[] }} Token
 */

/** @typedef {import("./markup_lexer.js").Lexeme} Lexeme */

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
 * A block is on lines of its own: the line breaks next to it belong to the block, not to the text.
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
 * Removes the language after the opening fence, unless the block contains nothing else, and the last line
 * break.
 *
 * @param {string} part
 */
function blockText(part) {
  return part.replace(/^[\w+#.-]*\n(?=\s*\S)/, "").replace(/\n$/, "");
}

/**
 * @param {string} text
 * @param {import("./markup_lexer.js").MentionState} state
 * @returns {Token[]}
 */
function parseInline(text, state) {
  return tree(matchMarks(lex(text, state)));
}

/**
 * Pairs opening and closing marks. Each kind is open at most once, so nesting is at most two levels deep
 * and a closing mark finds its opening mark in constant time.
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
 * The text without its markup, for a quote or a notification.
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
 * Whether a text consists of a few emoji only; these are shown larger.
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
