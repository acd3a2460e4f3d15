/**
 * Two dialogs about a room: one that makes it, one that gives it another topic.
 *
 * @module
 */
import { ROOM_PATTERN } from "../../protocol/wire.js";
import { createRoom } from "../chat/rooms.js";
import { roomName } from "../logic/rooms.js";
import { makeDialog } from "./dialog.js";
import { emit, h, setText } from "./dom.js";
import { explain } from "./page.js";

/** Longest topic, in UTF-16 code units. */
const TOPIC_LENGTH = 200;

/** @param {import("./page.js").Page} page */
export function mountCreateRoom({ chat, speech }) {
  const name = h("input", {
    id: "new-room",
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    autocapitalize: "none",
    maxlength: 65,
    "aria-describedby": "new-room-problem",
  });
  const isPrivate = h("input", { type: "checkbox" });
  const topic = topicField("new-room-topic");
  const problem = h("p", { class: "problem", id: "new-room-problem", role: "alert" });
  const make = h("button", { type: "submit", class: "primary" }, speech.say("create"));
  const form = h(
    "form",
    { class: "stack", novalidate: true },
    h("div", { class: "field" }, h("label", { for: name.id }, speech.say("room_name")), name),
    h("label", { class: "toggle" }, isPrivate, h("span", {}, speech.say("make_private"))),
    h("div", { class: "field" }, h("label", { for: topic.id }, speech.say("topic")), topic),
    problem,
    h("div", { class: "buttons" }, make),
  );
  const element = makeDialog(speech.say("create_room"), { close: speech.say("close") }, form);

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const room = roomName(name.value);
    const isValid = ROOM_PATTERN.test(room);
    setText(problem, isValid ? "" : explain(speech, "bad_room"));
    if (!isValid) return name.focus();
    make.disabled = true;
    const wish = { room, private: isPrivate.checked, topic: topic.value.trim() };
    const outcome = await createRoom(chat, wish);
    make.disabled = false;
    setText(problem, outcome === "" ? "" : explain(speech, outcome));
    if (outcome !== "") return name.focus();
    element.close();
    emit(element, "focus-composer");
  });

  /** @param {string} wanted the room's name, as far as it was typed */
  function open(wanted) {
    form.reset();
    name.value = wanted;
    setText(problem, "");
    element.showModal();
    name.focus();
  }

  return { element, open };
}

/** @param {import("./page.js").Page} page */
export function mountTopicDialog({ chat, speech }) {
  const topic = topicField("room-topic");
  topic.setAttribute("aria-label", speech.say("topic"));
  const save = h("button", { type: "submit", class: "primary" }, speech.say("save"));
  const buttons = h("div", { class: "buttons" }, save);
  const form = h("form", { class: "stack", novalidate: true }, topic, buttons);
  const element = makeDialog(speech.say("topic"), { close: speech.say("close") }, form);
  let room = "";

  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    element.close();
    await chat.ask({ type: "topic", room, content: topic.value.trim() });
  });

  function open() {
    const { conversation } = chat;
    if (!conversation) return;
    room = conversation.key;
    topic.value = conversation.topic;
    element.showModal();
    topic.select();
  }

  return { element, open };
}

/** @param {string} id */
function topicField(id) {
  return h("input", {
    id,
    type: "text",
    dir: "auto",
    autocomplete: "off",
    maxlength: TOPIC_LENGTH,
  });
}
