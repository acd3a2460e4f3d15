/**
 * A dialog with the rooms of the server: find and enter one, or create one by entering it.
 *
 * @module
 */
import { ROOM_PATTERN } from "../../protocol/wire.js";
import { roomName } from "../logic/rooms.js";
import { makeDialog } from "./dialog.js";
import { emit, h } from "./dom.js";

/**
 * @param {import("./page.js").Page} page
 */
export function mountRoomsDialog(page) {
  const { speech, chat } = page;
  const input = h("input", {
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 65,
  });
  input.setAttribute("aria-label", speech.say("find_or_create"));
  input.placeholder = speech.say("find_or_create");
  input.setAttribute("autocapitalize", "none");
  const list = h("ul", { class: "directory" });
  const hint = h("p", { class: "hint" });
  const form = h("form", { novalidate: true }, input, hint, list);
  const element = makeDialog(speech.say("browse_rooms"), { close: speech.say("close") }, form);

  input.addEventListener("input", update);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const first = list.querySelector("button");
    if (first) first.click();
  });
  list.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    element.close();
    emit(element, "open-conversation", { key: button.dataset["key"] });
  });

  function update() {
    if (!element.open) return;
    const wanted = roomName(input.value);
    const rooms = chat.directory.filter(({ room }) => room.includes(wanted));
    const known = rooms.some(({ room }) => room === wanted);
    const valid = ROOM_PATTERN.test(wanted);
    const items = rooms.sort((a, b) => b.user_count - a.user_count || a.room.localeCompare(b.room))
      .slice(0, 200).map(({ room, user_count: count }) =>
        entry(room, speech.say("people_here", { count }))
      );
    const exact = items.findIndex((item) =>
      item.querySelector("button")?.dataset["key"] === wanted
    );
    if (exact > 0) items.unshift(...items.splice(exact, 1));
    if (valid && !known) items.push(entry(wanted, speech.say("create_room")));
    list.replaceChildren(...items);
    hint.textContent = wanted !== "" && !valid ? speech.say("problem_bad_room") : "";
  }

  /**
   * @param {string} room
   * @param {string} note
   */
  function entry(room, note) {
    const button = h(
      "button",
      { type: "button", class: "room-entry" },
      h("span", { class: "sign", "aria-hidden": "true" }, "#"),
      h("bdi", {}, room),
      h("span", { class: "note" }, note),
    );
    button.dataset["key"] = room;
    return h("li", {}, button);
  }

  function open() {
    input.value = "";
    element.showModal();
    input.focus();
    update();
    emit(element, "ask-rooms");
  }

  return { element, update, open };
}
