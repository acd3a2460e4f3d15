/**
 * A dialog about one member of a room: what they are in it, removing them and, for admins, the way to the
 * administration.
 *
 * @module
 */
import { giveRole, removeMember } from "../chat/rooms.js";
import { mayAdminister, mayGiveRoles, mayRemove } from "../logic/rights.js";
import { makeDialog } from "./dialog.js";
import { emit, h, setText } from "./dom.js";

/** @typedef {import("../logic/types.js").RoomRole} RoomRole */

/** @type {readonly RoomRole[]} */
const ROLES = ["member", "moderator", "owner"];

/** @param {import("./page.js").Page} page */
export function mountMemberDialog({ chat, speech }) {
  const options = ROLES.map((role) =>
    h("option", { value: role }, speech.say(`room_role_${role}`))
  );
  const role = h("select", { id: "member-role" }, ...options);
  const field = h(
    "div",
    { class: "field" },
    h("label", { for: role.id }, speech.say("role")),
    role,
  );
  const remove = h("button", { type: "button", class: "danger" }, speech.say("remove_member"));
  const save = h("button", { type: "submit", class: "primary" }, speech.say("save"));
  const administer = h(
    "button",
    { type: "button", class: "secondary" },
    speech.say("administration"),
  );
  const form = h(
    "form",
    { novalidate: true },
    field,
    h("div", { class: "buttons" }, administer, remove, save),
  );
  const element = makeDialog(speech.say("room_member"), { close: speech.say("close") }, form);
  const title = element.querySelector("h2") ?? element;
  let room = "";
  let id = "";

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    element.close();
    const chosen = ROLES.find((one) => one === role.value);
    if (chosen) await giveRole(chat, room, { id, role: chosen });
  });
  remove.addEventListener("click", async () => {
    element.close();
    await removeMember(chat, room, id);
  });

  administer.addEventListener("click", () => {
    element.close();
    emit(element, "open-admin", title.textContent);
  });

  /** @param {string} member their id */
  function open(member) {
    const { conversation, user } = chat;
    const entry = conversation?.members?.get(member);
    if (!conversation || !entry) return;
    room = conversation.key;
    id = member;
    const name = chat.connection.nameOf(id, entry.name);
    setText(title, name);
    element.setAttribute("aria-label", speech.say("manage_member", { name }));
    role.value = entry.room_role ?? "member";
    field.hidden = entry.room_role === undefined || !mayGiveRoles(user, conversation);
    save.hidden = field.hidden;
    remove.hidden = !mayRemove(user, conversation, entry);
    administer.hidden = !mayAdminister(user, entry);
    element.showModal();
  }

  return { element, open };
}
