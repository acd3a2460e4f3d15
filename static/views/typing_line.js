/**
 * Shows who is typing. Always takes one line, so that the layout does not move.
 *
 * @module
 */
import { typingNow } from "../logic/presence.js";
import { h, setText } from "./dom.js";

/**
 * @param {import("./page.js").Page} page
 * @returns {import("./page.js").View}
 */
export function mountTypingLine(page) {
  const element = h("p", { class: "typing" });

  function update() {
    const { connection, conversation } = page.chat;
    const ids = typingNow(conversation?.typing ?? new Map(), page.now());
    const names = ids.map((id) => connection.nameOf(id, conversation?.members?.get(id)?.name));
    const words = { count: names.length, names: page.speech.list(names, 2) };
    setText(element, names.length === 0 ? "" : page.speech.say("typing", words));
  }

  return { element, update };
}
