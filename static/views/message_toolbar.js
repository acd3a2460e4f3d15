/**
 * The toolbar with the actions of a message. There is only one: it moves to the row that is hovered or
 * focused.
 *
 * @module
 */
import { FAVOURITES } from "../logic/emoji.js";
import { mayDelete, mayEdit } from "../logic/rights.js";
import { emit, h, iconButton } from "./dom.js";

/** @typedef {import("./page.js").Page} Page */

/**
 * @param {Page} page
 * @param {HTMLElement} list the rows
 */
export function mountToolbar(page, list) {
  const { speech } = page;
  const quick = FAVOURITES.slice(0, 3).map((emoji) => {
    const button = h("button", { type: "button", class: "icon-button quick" }, emoji);
    button.setAttribute("aria-label", speech.say("react_with", { emoji }));
    button.addEventListener("click", () => verb("react", { emoji }));
    return button;
  });
  const pick = action("emoji", "react", "pick-reaction");
  const reply = action("reply", "reply", "reply");
  const edit = action("edit", "edit", "edit");
  const remove = action("trash", "delete", "delete");
  const element = h(
    "div",
    { class: "toolbar", role: "toolbar" },
    ...quick,
    pick,
    reply,
    edit,
    remove,
  );
  element.setAttribute("aria-label", speech.say("message_actions"));
  /** @type {HTMLElement | null} */
  let row = null;

  list.addEventListener("pointermove", (event) => {
    // A resting mouse must not take the toolbar away from somebody who uses it by keyboard.
    if (event.pointerType === "mouse" && !element.querySelector(":focus-visible")) {
      moveTo(event.target);
    }
  }, { passive: true });
  list.addEventListener("focusin", (event) => {
    if (!element.contains(document.activeElement)) moveTo(event.target);
  });
  list.addEventListener("pointerleave", () => leave(document.activeElement));
  list.addEventListener("focusout", ({ relatedTarget }) => {
    // Deferred: a row that is rendered again loses the focus for a moment, and nothing may be removed from it
    // meanwhile.
    queueMicrotask(() => {
      const pointed = matchMedia("(hover: hover)").matches && row?.matches(":hover");
      if (!pointed) leave(relatedTarget ?? document.activeElement);
    });
  });

  /**
   * Removes the toolbar, unless the focus is in its row.
   *
   * @param {EventTarget | null} focused
   */
  function leave(focused) {
    const held = element.contains(document.activeElement)
      ? element.querySelector(":focus-visible")
      : focused instanceof Node && row?.contains(focused);
    if (held) return;
    element.remove();
    row = null;
  }

  /**
   * @param {import("../logic/i18n.js").MessageKey & string} label
   * @param {Parameters<typeof iconButton>[0]} face
   * @param {string} name
   */
  function action(face, label, name) {
    const button = iconButton(face, speech.say(label));
    button.addEventListener("click", () => verb(name));
    return button;
  }

  /**
   * @param {string} name
   * @param {object} [more]
   */
  function verb(name, more = {}) {
    emit(element, "message-verb", { verb: name, seq: Number(row?.dataset["seq"]), ...more });
  }

  /** @param {EventTarget | null} target */
  function moveTo(target) {
    const next = target instanceof Element ? target.closest("article") : null;
    if (!(next instanceof HTMLElement) || !list.contains(next)) return;
    if (next === row && element.parentElement === next) return;
    row = next;
    element.remove();
    update();
    refill(next);
  }

  /** @param {HTMLElement} target a row that was rendered again */
  function refill(target) {
    if (target === row && messageOf()) target.append(element);
  }

  function messageOf() {
    const seq = Number(row?.dataset["seq"]);
    const message = page.chat.conversation?.log.find(seq);
    return message?.deleted ? undefined : message;
  }

  function update() {
    const message = messageOf();
    if (!message) return element.remove();
    const { conversation, user } = page.chat;
    edit.hidden = !mayEdit(user, message);
    remove.hidden = !conversation || !mayDelete(user, conversation, message);
  }

  return { element, update, refill };
}
