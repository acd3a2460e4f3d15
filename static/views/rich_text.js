/**
 * Renders markup tokens and search hits as nodes.
 *
 * @module
 */
import { isEmojiOnly, parseMarkup } from "../logic/markup.js";
import { sameName } from "../logic/names.js";
import { highlight } from "../logic/search.js";
import { h } from "./dom.js";

/** @typedef {import("../logic/markup.js").Token} Token */

/**
 * The body of a message.
 *
 * @param {string} text
 * @param {{ me: string, names: readonly string[] }} people
 */
export function richText(text, people) {
  const tokens = parseMarkup(text, people.names).map((token) => nodeOf(token, people.me));
  const large = isEmojiOnly(text);
  return h("div", { class: large ? "body large" : "body", dir: "auto" }, ...tokens);
}

/**
 * @param {Token} token
 * @param {string} me
 * @returns {Node | string}
 */
function nodeOf(token, me) {
  switch (token.type) {
    case "text":
      return token.text;
    case "code":
      return h("code", { dir: "ltr" }, token.text);
    case "block":
      return h("pre", { tabindex: 0, dir: "ltr" }, h("code", {}, token.text));
    case "link":
      return h(
        "a",
        { href: token.href, target: "_blank", rel: "noopener noreferrer nofollow" },
        h("bdi", {}, token.text),
      );
    case "mention":
      return h(
        "span",
        { class: sameName(token.name, me) ? "mention me" : "mention" },
        h("bdi", {}, token.text),
      );
    default: {
      const children = token.children.map((child) => nodeOf(child, me));
      return h(token.type === "bold" ? "strong" : "em", {}, ...children);
    }
  }
}

/**
 * A text with the words of a search highlighted.
 *
 * @param {string} text
 * @param {string} query
 */
export function hits(text, query) {
  const pieces = highlight(text, query);
  return pieces.map(({ text, hit }) => hit ? h("mark", {}, text) : text);
}
