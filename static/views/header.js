/**
 * The bar above the log: the name of the conversation, what it is about or whether the other one is here, and
 * its actions.
 *
 * @module
 */
import { mayArrange } from "../logic/rights.js";
import { emit, h, iconButton, setAttributes, setText } from "./dom.js";
import { markSign } from "./sign.js";

/** @typedef {import("./page.js").Page} Page */

/**
 * @param {Page} page
 * @param {() => string} side which side panel is open: "members", "search" or empty
 * @returns {import("./page.js").View}
 */
export function mountHeader(page, side) {
  const { speech, chat } = page;
  const menu = iconButton("menu", speech.say("show_conversations"), {
    class: "icon-button only-narrow",
  });
  const other = h("span", { class: "menu-dot", hidden: true });
  menu.append(other);
  const sign = h("span", { class: "sign", "aria-hidden": "true" });
  const name = h("bdi");
  const spoken = h("span", { class: "hidden-text" });
  const topic = h("p", { class: "topic", dir: "auto" });
  const edit = h("button", { type: "button", class: "topic", dir: "auto" });
  const copy = iconButton("link", speech.say("copy_link"));
  const search = iconButton("search", speech.say("search"));
  const members = iconButton("people", speech.say("members"));
  const count = h("span", { class: "count", "aria-hidden": "true" });
  members.append(count);
  const leave = iconButton("leave", speech.say("leave_room"));
  const element = h(
    "header",
    { class: "topbar" },
    menu,
    h("div", { class: "title" }, h("h1", {}, sign, name, spoken), topic, edit),
    h("div", { class: "tools" }, search, copy, members, leave),
  );
  menu.addEventListener("click", () => emit(element, "open-drawer"));
  copy.addEventListener("click", () => emit(element, "copy-link"));
  search.addEventListener("click", () => emit(element, "toggle-side", "search"));
  members.addEventListener("click", () => emit(element, "toggle-side", "members"));
  leave.addEventListener("click", () => emit(element, "leave", chat.current));
  edit.addEventListener("click", () => emit(element, "edit-topic"));

  function update() {
    const { conversation } = chat;
    const direct = conversation?.kind === "direct";
    if (conversation) showTitle(conversation);
    setText(name, conversation?.name ?? "");
    const number = conversation?.memberCount ?? 0;
    setText(count, number > 0 ? speech.number(number) : "");
    const label = speech.say("members_count", { count: number });
    setAttributes(members, {
      "aria-label": label,
      title: label,
      "aria-pressed": String(side() === "members"),
    });
    setAttributes(search, { "aria-pressed": String(side() === "search") });
    for (const button of [copy, members]) button.hidden = direct;
    const leaving = speech.say(direct ? "close_conversation" : "leave_room");
    setAttributes(leave, { "aria-label": leaving, title: leaving });
    const elsewhere = [...chat.conversations.values()].some((other) =>
      other.key !== chat.current && chat.unread(other).count > 0
    );
    other.hidden = !elsewhere;
  }

  /** @param {import("../logic/conversation.js").Conversation} conversation */
  function showTitle(conversation) {
    const meaning = markSign(sign, conversation);
    const isRoom = conversation.kind === "room";
    setText(spoken, meaning === "is_private" ? ` ${speech.say(meaning)}` : "");
    const about = isRoom ? conversation.topic : meaning && speech.say(meaning);
    const editable = isRoom && chat.isIn(conversation) && mayArrange(chat.user, conversation);
    setText(topic, editable ? "" : about);
    topic.hidden = editable || about === "";
    setText(edit, editable ? about || speech.say("add_topic") : "");
    edit.title = speech.say("edit_topic");
    edit.hidden = !editable;
  }

  return { element, update };
}
