/**
 * The members of the room.
 *
 * @module
 */
import { hueOf, initials, sameName } from "../logic/names.js";
import { sortNames, typingNow } from "../logic/presence.js";
import { avatar, emit, h, iconButton, setText } from "./dom.js";

/** Maximum number of names listed: nobody reads more, and the list would be slow. */
const MOST = 500;

/**
 * @param {import("./page.js").Page} page
 * @returns {import("./page.js").View}
 */
export function mountMembers(page) {
  const { speech, chat } = page;
  const title = h("h2");
  const list = h("ul", { class: "people" });
  const more = h("p", { class: "more" });
  const close = iconButton("close", speech.say("close"));
  const element = h(
    "section",
    { class: "panel", "aria-label": speech.say("members") },
    h("div", { class: "panel-head" }, title, close),
    h("div", { class: "panel-body" }, list, more),
  );
  close.addEventListener("click", () => emit(element, "toggle-side", ""));
  list.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (button) emit(element, "open-direct", button.dataset["name"]);
  });
  let drawn = "";
  /** Whose names are on their way. @type {Set<import("../logic/conversation.js").Conversation>} */
  const asked = new Set();

  function update() {
    const { conversation } = chat;
    if (!conversation) return;
    if (!element.hidden && !conversation.members && conversation.joined) need(conversation);
    setText(title, speech.say("members_count", { count: conversation.memberCount }));
    const names = sortNames(conversation.members ?? [], speech.code);
    const typing = typingNow(conversation.typing, page.now());
    const state = JSON.stringify([names, typing, chat.me]);
    if (state === drawn) return;
    drawn = state;
    const focused = document.activeElement;
    const held = focused instanceof HTMLElement && list.contains(focused) &&
      focused.dataset["name"];
    list.replaceChildren(
      ...names.slice(0, MOST).map((name) => person(name, typing.includes(name))),
    );
    if (held) {
      /** @type {HTMLElement | null} */ (list.querySelector(
        `button[data-name="${CSS.escape(held)}"]`,
      ))?.focus();
    }
    const rest = Math.max(0, conversation.memberCount - Math.min(MOST, names.length));
    setText(more, rest > 0 ? speech.say("others", { count: rest }) : "");
  }

  /**
   * In a large room the names are requested only when the list is shown.
   *
   * @param {import("../logic/conversation.js").Conversation} conversation
   */
  function need(conversation) {
    if (asked.has(conversation)) return;
    asked.add(conversation);
    chat.askMembers(conversation).then(() => asked.delete(conversation));
  }

  /**
   * @param {string} name
   * @param {boolean} typing
   */
  function person(name, typing) {
    const mine = sameName(name, chat.me);
    const note = mine ? speech.say("you") : typing ? speech.say("typing_short") : "";
    const button = h(
      "button",
      { type: "button", class: "person" },
      avatar(initials(name), hueOf(name)),
      h("bdi", {}, name),
      h("span", { class: "note" }, note),
    );
    button.dataset["name"] = name;
    if (!mine) button.title = speech.say("write_to", { name });
    else button.disabled = true;
    return h("li", {}, button);
  }

  return { element, update };
}
