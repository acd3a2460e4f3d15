/**
 * The button over the log's end: how many new messages there are, or the way back to the present.
 *
 * @module
 */
import { h, icon, setText } from "./dom.js";

/**
 * @param {import("./page.js").Page} page
 */
export function mountJumpButton(page) {
  const text = h("span");
  const element = h("button", { type: "button", class: "jump", hidden: true }, text, icon("down"));

  function update() {
    const { conversation } = page.chat;
    const count = conversation?.unread.count ?? 0;
    const label = count > 0
      ? page.speech.say("new_messages", { count })
      : page.speech.say("to_present");
    setText(text, label);
    element.classList.toggle("has-new", count > 0);
  }

  /** @param {boolean} visible */
  function show(visible) {
    element.hidden = !visible;
  }

  return { element, update, show };
}
