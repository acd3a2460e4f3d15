/**
 * Asks before a message is deleted, which cannot be taken back.
 *
 * @module
 */
import { makeDialog } from "./dialog.js";
import { h } from "./dom.js";

/**
 * @param {import("./page.js").Page} page
 */
export function mountConfirm({ speech }) {
  const yes = h("button", { type: "button", class: "danger" }, speech.say("delete"));
  const no = h("button", { type: "button", class: "secondary" }, speech.say("cancel"));
  const element = makeDialog(
    speech.say("delete_question"),
    { close: speech.say("close") },
    h("p", {}, speech.say("delete_text")),
    h("div", { class: "buttons" }, no, yes),
  );
  let confirmed = () => {};
  no.addEventListener("click", () => element.close());
  yes.addEventListener("click", () => {
    element.close();
    confirmed();
  });

  /** @param {() => void} onYes */
  function open(onYes) {
    confirmed = onYes;
    element.showModal();
    yes.focus();
  }

  return { element, open };
}
