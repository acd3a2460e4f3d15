/**
 * A dialog about one member of a room: what they are in it, and removing them.
 *
 * @module
 */
import { giveRole, removeMember } from "../chat/rooms.js";
import { mayGiveRoles, mayRemove } from "../logic/rights.js";
import { makeDialog } from "./dialog.js";
import { h, setText } from "./dom.js";

/** @typedef {import("../logic/types.js").RoomRole} RoomRole */

/** @type {readonly RoomRole[]} */
const ROLES = ["member", "moderator", "owner"];

/** @param {import("./page.js").Page} page */
export function mountMemberDialog({ chat, speech }) {
  const who = h("bdi");
  const choices = ROLES.map((role) => {
    const input = h("input", { type: "radio", name: "member-role", value: role });
    return h("label", { class: "toggle" }, input, h("span", {}, speech.say(`room_role_${role}`)));
  });
  const roles = h(
    "fieldset",
    { class: "field choices" },
    h("legend", {}, speech.say("role")),
    ...choices,
  );
  const remove = h("button", { type: "button", class: "danger" }, speech.say("remove_member"));
  const save = h("button", { type: "submit", class: "primary" }, speech.say("save"));
  const form = h(
    "form",
    { class: "stack", novalidate: true },
    h("p", {}, who),
    roles,
    h("div", { class: "buttons" }, remove, save),
  );
  const element = makeDialog(speech.say("room_member"), { close: speech.say("close") }, form);
  let room = "";
  let id = "";

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const role = ROLES.find((role) => role === new FormData(form).get("member-role"));
    element.close();
    if (role) await giveRole(chat, room, { id, role });
  });
  remove.addEventListener("click", async () => {
    element.close();
    await removeMember(chat, room, id);
  });

  /** @param {string} member their id */
  function open(member) {
    const { conversation, user } = chat;
    const entry = conversation?.members?.get(member);
    if (!conversation || !entry) return;
    room = conversation.key;
    id = member;
    setText(who, chat.connection.nameOf(id, entry.name));
    for (const input of roles.querySelectorAll("input")) {
      input.checked = input.value === (entry.room_role ?? "member");
    }
    roles.hidden = entry.room_role === undefined || !mayGiveRoles(user, conversation);
    save.hidden = roles.hidden;
    remove.hidden = !mayRemove(user, conversation, entry);
    element.showModal();
  }

  return { element, open };
}
