/**
 * The form of the first visit: name and room.
 *
 * @module
 */
import { checkName, LOBBY, MAX_NAME_LENGTH, ROOM_PATTERN } from "../../protocol/wire.js";
import { roomName } from "../logic/rooms.js";
import { emit, h, setAttributes, setText } from "./dom.js";
import { explain } from "./page.js";

/**
 * @param {import("./page.js").Page} page
 * @returns {import("./page.js").View}
 */
export function mountWelcome(page) {
  const { speech, chat } = page;
  const name = field("name", { autocomplete: "nickname", maxlength: MAX_NAME_LENGTH * 2 });
  const room = field("room", { autocomplete: "off", maxlength: 64, autocapitalize: "none" });
  const problem = h("p", { class: "problem", id: "welcome-problem", role: "alert" });
  const go = h("button", { class: "primary", type: "submit" }, speech.say("enter"));
  const form = h(
    "form",
    { class: "welcome-card", novalidate: true },
    h("img", { src: "/static/page/icon.svg", alt: "", width: 56, height: 56 }),
    h("h1", {}, "Hubbub"),
    h("p", { class: "lead" }, speech.say("welcome")),
    labelled(speech.say("your_name"), name),
    labelled(speech.say("room"), room),
    problem,
    go,
  );
  const element = h("main", { class: "welcome" }, form);
  name.value = chat.me;
  let local = "";

  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const checked = checkName(name.value.trim());
    const key = roomName(room.value) || LOBBY;
    if ("problem" in checked) return refuse("bad_name", name);
    if (!ROOM_PATTERN.test(key) && !key.startsWith("@")) return refuse("bad_room", room);
    local = "";
    emit(element, "enter", { name: checked.name, key });
  });

  /**
   * @param {string} code
   * @param {HTMLInputElement} input
   */
  function refuse(code, input) {
    local = code;
    update();
    input.focus();
  }

  function update() {
    const code = local || chat.loginProblem;
    const busy = code === "" && chat.me !== "";
    setText(problem, code === "" ? "" : explain(speech, code));
    const invalid = code === "bad_room" ? room : name;
    for (const input of [name, room]) {
      const bad = code !== "" && input === invalid;
      setAttributes(input, {
        "aria-invalid": bad ? "true" : undefined,
        "aria-describedby": bad ? "welcome-problem" : undefined,
      });
    }
    go.disabled = busy;
    if (room.value === "" && document.activeElement !== room) room.value = chat.current || LOBBY;
  }

  return { element, update };
}

/**
 * @param {string} id
 * @param {import("./dom.js").Attributes} attributes
 */
function field(id, attributes) {
  return h("input", {
    id: `welcome-${id}`,
    name: id,
    type: "text",
    spellcheck: "false",
    ...attributes,
  });
}

/**
 * @param {string} text
 * @param {HTMLElement} input
 */
function labelled(text, input) {
  return h("div", { class: "field" }, h("label", { for: input.id }, text), input);
}
