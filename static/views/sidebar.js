/**
 * The sidebar: rooms and direct conversations with their unread counts, the button to other rooms, and the
 * reader's own name with the connection state.
 *
 * @module
 */
import { inOrder } from "../logic/conversation.js";
import { hueOf, initials } from "../logic/names.js";
import { hashOf } from "../logic/rooms.js";
import { avatar, emit, h, iconButton, setAttributes, setText } from "./dom.js";
import { markSign } from "./sign.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */

/**
 * @param {Page} page
 * @returns {import("./page.js").View}
 */
export function mountSidebar(page) {
  const { speech, chat } = page;
  const rooms = h("ul", { class: "channels" });
  const directs = h("ul", { class: "channels" });
  const browse = h("button", { type: "button", class: "browse" }, speech.say("browse_rooms"));
  const settings = iconButton("settings", speech.say("settings"));
  const me = h("button", { type: "button", class: "account-name", title: speech.say("account") });
  const role = h("span");
  const dot = h("span", { class: "dot", "aria-hidden": "true" });
  const line = h("span", { class: "line-state", role: "status" });
  const face = h("span", { class: "face" });
  const people = h("h2", {}, speech.say("direct_messages"));
  const element = h(
    "nav",
    { class: "sidebar", id: "sidebar", "aria-label": speech.say("conversations") },
    h(
      "div",
      { class: "brand" },
      h("img", { src: "static/page/icon.svg", alt: "", width: 28, height: 28 }),
      h("span", {}, "Hubbub"),
    ),
    h(
      "div",
      { class: "channel-lists" },
      h("h2", {}, speech.say("rooms")),
      rooms,
      browse,
      people,
      directs,
    ),
    h(
      "div",
      { class: "account" },
      face,
      h(
        "div",
        { class: "account-text" },
        h("span", { class: "who" }, me, role),
        h("span", { class: "line" }, dot, line),
      ),
      settings,
    ),
  );
  browse.addEventListener("click", () => emit(element, "browse-rooms"));
  settings.addEventListener("click", () => emit(element, "open-settings"));
  me.addEventListener("click", () => emit(element, "open-account"));
  element.addEventListener("click", (event) => {
    if (event.target instanceof Element && event.target.closest("a")) emit(element, "close-drawer");
  });

  function update() {
    const all = inOrder(chat.conversations.values(), speech.code);
    fill(rooms, all.filter(({ kind }) => kind === "room"), page);
    fill(directs, all.filter(({ kind }) => kind === "direct"), page);
    people.hidden = directs.childElementCount === 0;
    directs.hidden = people.hidden;
    if (me.textContent !== chat.me) {
      setText(me, chat.me);
      setAttributes(me, { "aria-label": speech.say("account_of", { name: chat.me }) });
      face.replaceChildren(avatar(initials(chat.me), hueOf(chat.user.id)));
    }
    const isAdmin = chat.user.role === "admin";
    setText(role, isAdmin ? speech.say("admin") : "");
    setAttributes(role, { class: isAdmin ? "role" : undefined, "data-role": chat.user.role });
    const { phase } = chat.connection.state;
    setAttributes(dot, { "data-phase": phase });
    setText(
      line,
      speech.say(
        chat.online
          ? "online"
          : phase === "waiting" || phase === "stopped"
          ? "offline"
          : "connecting",
      ),
    );
  }

  return { element, update };
}

/**
 * @param {HTMLElement} list
 * @param {Conversation[]} conversations
 * @param {Page} page
 */
function fill(list, conversations, page) {
  while (list.childElementCount > conversations.length) list.lastElementChild?.remove();
  conversations.forEach((conversation, index) => {
    const item = list.children[index] ?? list.appendChild(channel());
    show(item, conversation, page);
  });
}

function channel() {
  const link = h(
    "a",
    {},
    h("span", { class: "sign", "aria-hidden": "true" }),
    h("bdi", { class: "channel-name" }),
    h("span", { class: "badge", "aria-hidden": "true" }),
    h("span", { class: "hidden-text" }),
  );
  return h("li", {}, link);
}

/**
 * @param {Element} item
 * @param {Conversation} conversation
 * @param {Page} page
 */
function show(item, conversation, { chat, speech }) {
  const [sign, name, badge, spoken] = item.firstElementChild?.children ?? [];
  const link = item.firstElementChild;
  if (!link || !sign || !name || !badge || !spoken) return;
  const { count, mentions } = chat.unread(conversation);
  const current = conversation.key === chat.current;
  setAttributes(link, {
    href: hashOf(conversation),
    "aria-current": current ? "page" : undefined,
    class: `channel${count > 0 ? " unread" : ""}${mentions > 0 ? " mentioned" : ""}`,
  });
  const state = markSign(sign, conversation);
  setText(name, conversation.name);
  const shown = mentions > 0 ? mentions : count;
  setText(badge, shown > 99 ? "99+" : speech.number(shown));
  setAttributes(badge, { hidden: shown === 0 });
  const words = mentions > 0
    ? speech.say("badge_mentions", { count: mentions })
    : speech.say("badge_unread", { count });
  const told = [state && speech.say(state), count > 0 && words].filter(Boolean);
  setText(spoken, told.map((word) => ` ${word}`).join(","));
}
