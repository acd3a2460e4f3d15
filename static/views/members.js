/**
 * The members of the room: who is here and who is not now, what they are in the room, and where allowed the
 * buttons to invite and to manage them.
 *
 * @module
 */
import { askMembers } from "../chat/people.js";
import { mixedMark } from "./mixed_mark.js";
import { hueOf, initials } from "../logic/names.js";
import { sortBy, typingNow } from "../logic/presence.js";
import { mayAdminister, mayArrange, mayGiveRoles, mayRemove } from "../logic/rights.js";
import { avatar, emit, h, iconButton, setText } from "./dom.js";

/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").UserEntry} UserEntry */

/** Maximum number of names listed: nobody reads more, and the list would be slow. */
const MOST = 500;

/**
 * @param {import("./page.js").Page} page
 * @returns {import("./page.js").View}
 */
export function mountMembers(page) {
  const { speech, chat } = page;
  const title = h("h2");
  const here = h("ul", { class: "people" });
  const more = h("p", { class: "more" });
  const away = h("h3", { class: "people-head" });
  const absent = h("ul", { class: "people" });
  const close = iconButton("close", speech.say("close"));
  const invite = h("button", { type: "button", class: "browse" }, speech.say("room_invite"));
  const body = h("div", { class: "panel-body" }, invite, here, more, away, absent);
  const element = h(
    "section",
    { class: "panel", "aria-label": speech.say("members") },
    h("div", { class: "panel-head" }, title, close),
    body,
  );
  close.addEventListener("click", () => emit(element, "toggle-side", ""));
  invite.addEventListener("click", () => emit(element, "invite-people"));
  body.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("[data-id]") : null;
    if (!(button instanceof HTMLElement)) return;
    const { id, name, verb = "" } = button.dataset;
    emit(element, verb, { id, name });
  });
  let drawn = "";

  function update() {
    const { conversation } = chat;
    if (!conversation || element.hidden) return;
    askMembers(chat, conversation);
    setText(title, speech.say("members_count", { count: conversation.memberCount }));
    invite.hidden = !mayArrange(chat.user, conversation);
    const people = sortBy([...conversation.members?.values() ?? []], nameOf, speech.code);
    const typing = typingNow(conversation.typing, page.now());
    const { user } = chat;
    const state = JSON.stringify([people.map(nameOf), people, typing, user, conversation.role]);
    if (state === drawn) return;
    drawn = state;
    draw(conversation, people, new Set(typing));
  }

  /**
   * @param {Conversation} conversation
   * @param {UserEntry[]} people
   * @param {Set<string>} typing
   */
  function draw(conversation, people, typing) {
    const focused = document.activeElement;
    const held = focused instanceof HTMLElement && body.contains(focused) ? focused.dataset : null;
    const row = (/** @type {UserEntry} */ person) =>
      rowOf(person, conversation, typing.has(person.id));
    const [present, gone] = [people.filter(({ online }) => online), people.filter(isAway)];
    here.replaceChildren(...present.slice(0, MOST).map(row));
    absent.replaceChildren(...gone.slice(0, MOST).map(row));
    const rest = Math.max(0, conversation.memberCount - Math.min(MOST, present.length));
    setText(more, rest > 0 ? speech.say("others", { count: rest }) : "");
    setText(away, gone.length > 0 ? speech.say("members_away", { count: gone.length }) : "");
    if (held?.["id"] === undefined) return;
    const selector = `[data-id="${held["id"]}"][data-verb="${held["verb"]}"]`;
    /** @type {HTMLElement | null} */ (body.querySelector(selector))?.focus();
  }

  /** @param {UserEntry} person */
  function nameOf({ id, name }) {
    return chat.connection.nameOf(id, name);
  }

  /**
   * @param {UserEntry} person
   * @param {Conversation} conversation
   * @param {boolean} isTyping
   */
  function rowOf(person, conversation, isTyping) {
    const { id, online, room_role: role = "member" } = person;
    const name = nameOf(person);
    const mine = id === chat.user.id;
    const what = role === "member" ? "" : speech.say(`room_role_${role}`);
    const note = isTyping ? speech.say("typing_short") : what;
    const notes = [mine ? speech.say("you") : "", note].filter((part) => part !== "");
    const button = h(
      "button",
      { type: "button", class: "person", "data-id": id, "data-verb": "open-direct" },
      avatar(initials(name), hueOf(id)),
      h("bdi", {}, name),
      mixedMark(speech, name),
      h("span", { class: "note" }, notes.join(speech.say("separator"))),
    );
    button.dataset["name"] = name;
    button.disabled = mine;
    if (!mine) button.title = speech.say("write_to", { name });
    const item = h("li", { class: online ? "member" : "member away" }, button);
    if (isManaged(person, conversation)) item.append(managing(id, name));
    return item;
  }

  /**
   * @param {UserEntry} person
   * @param {Conversation} conversation
   */
  function isManaged(person, conversation) {
    const { user } = chat;
    return mayRemove(user, conversation, person) || mayAdminister(user, person) ||
      person.room_role !== undefined && mayGiveRoles(user, conversation);
  }

  /**
   * @param {string} id
   * @param {string} name
   */
  function managing(id, name) {
    const label = speech.say("manage_member", { name });
    return iconButton("more", label, { "data-id": id, "data-verb": "manage-member" });
  }

  return { element, update };
}

/** @param {UserEntry} person */
function isAway({ online }) {
  return !online;
}
