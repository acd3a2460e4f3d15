/**
 * Searches this room or all rooms of the reader. A hit links to the message in its context.
 *
 * @module
 */
import { hueOf } from "../logic/names.js";
import { excerpt } from "../logic/search.js";
import { emit, h, iconButton, setText } from "./dom.js";
import { hits } from "./rich_text.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */

/** Delay between the last keystroke and the search, in milliseconds. */
const PAUSE = 250;

/** Maximum number of hits. */
const LIMIT = 50;

/**
 * @param {Page} page
 * @returns {import("./page.js").View & { focus: () => void }}
 */
export function mountSearchPanel(page) {
  const { speech, chat } = page;
  const input = h("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  input.setAttribute("aria-label", speech.say("search"));
  input.placeholder = speech.say("search_words");
  const everywhere = h("input", { type: "checkbox" });
  const scope = h(
    "label",
    { class: "toggle" },
    everywhere,
    h("span", {}, speech.say("search_everywhere")),
  );
  const state = h("p", { class: "hint", role: "status" });
  const list = h("ul", { class: "hits" });
  const close = iconButton("close", speech.say("close"));
  const element = h(
    "section",
    { class: "panel", role: "search", "aria-label": speech.say("search") },
    h("div", { class: "panel-head" }, h("h2", {}, speech.say("search")), close),
    h("div", { class: "panel-tools" }, input, scope),
    h("div", { class: "panel-body" }, state, list),
  );
  let asked = 0;
  let shownIn = chat.current;
  let cancel = () => {};

  close.addEventListener("click", () => emit(element, "toggle-side", ""));
  input.addEventListener("input", () => {
    cancel();
    cancel = chat.environment.later(search, PAUSE);
  });
  everywhere.addEventListener("change", search);
  input.addEventListener("keydown", (event) => {
    if (event.key === "Enter") search();
    else if (event.key === "Escape") emit(element, "toggle-side", "");
  });
  list.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    const { room, seq } = button.dataset;
    emit(element, "jump", { room, seq: Number(seq) });
  });

  async function search() {
    cancel();
    const query = input.value.trim();
    const turn = ++asked;
    if (query === "") return show([], "", "");
    const room = everywhere.checked ? {} : { room: chat.current };
    setText(state, speech.say("searching"));
    const answer = await chat.ask({ type: "search", content: query, limit: LIMIT, ...room });
    // A response to an older query is out of date.
    if (turn !== asked) return;
    if (answer?.type !== "search") return show([], query, speech.say("problem_unavailable"));
    const { messages } = answer;
    show(
      messages,
      query,
      messages.length === 0
        ? speech.say("nothing_found")
        : speech.say("found", { count: messages.length }),
    );
  }

  /**
   * @param {UserMessage[]} messages
   * @param {string} query
   * @param {string} words
   */
  function show(messages, query, words) {
    setText(state, words);
    list.replaceChildren(...messages.map((message) => hit(message, query)));
  }

  /**
   * @param {UserMessage} message
   * @param {string} query
   */
  function hit(message, query) {
    const text = excerpt(message.content, query, 240);
    const when = `${speech.day(message.time, page.now())}, ${speech.clock(message.time)}`;
    const button = h(
      "button",
      { type: "button", class: "hit" },
      h(
        "span",
        { class: "hit-head" },
        h(
          "bdi",
          { class: `author hue-${hueOf(message.by ?? message.from)}` },
          chat.nameOf(message),
        ),
        h("span", { class: "note" }, everywhere.checked ? `${placeOf(message)} · ${when}` : when),
      ),
      h("span", { class: "hit-text", dir: "auto" }, ...hits(text, query)),
    );
    button.dataset["room"] = message.room;
    button.dataset["seq"] = String(message.seq);
    return h("li", {}, button);
  }

  /** @param {UserMessage} message */
  function placeOf({ room }) {
    return room.startsWith("@") ? `@${chat.connection.nameOf(room.slice(1))}` : `#${room}`;
  }

  function update() {
    if (shownIn === chat.current) return;
    shownIn = chat.current;
    if (!everywhere.checked && input.value !== "") search();
  }

  return { element, update, focus: () => input.select() };
}
