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
  const hint = h("p", { class: "hint", dir: "ltr" }, speech.say("search_operators"));
  const state = h("p", { class: "hint", role: "status" });
  const more = h(
    "button",
    { type: "button", class: "link", hidden: true },
    speech.say("search_more"),
  );
  const list = h("ul", { class: "hits" });
  const close = iconButton("close", speech.say("close"));
  const element = h(
    "section",
    { class: "panel", role: "search", "aria-label": speech.say("search") },
    h("div", { class: "panel-head" }, h("h2", {}, speech.say("search")), close),
    h("div", { class: "panel-tools" }, input, scope, hint),
    h("div", { class: "panel-body" }, state, list, more),
  );
  const { found } = chat;
  input.value = found.query;
  /** The hits that are drawn. @type {UserMessage[]} */
  let drawn = [];
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
  more.addEventListener("click", () => {
    found.more(chat);
    update();
  });
  list.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    const { room, seq } = button.dataset;
    emit(element, "jump", { room, seq: Number(seq) });
  });

  function search() {
    cancel();
    found.search(chat, input.value.trim(), everywhere.checked ? {} : { room: chat.current });
    update();
  }

  function status() {
    const { indexed, messages, query, state: now } = found;
    if (query === "") return "";
    if (now !== "done") return speech.say(now === "failed" ? "problem_unavailable" : "searching");
    const count = messages.length;
    const words = count === 0 ? speech.say("nothing_found") : speech.say("found", { count });
    return indexed ? words : `${words}${speech.say("separator")}${speech.say("search_indexing")}`;
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
    const moved = shownIn !== chat.current && !everywhere.checked;
    shownIn = chat.current;
    if (found.query !== "" && (moved || found.stale)) return search();
    setText(state, status());
    more.hidden = !found.next || found.state === "searching";
    if (drawn === found.messages) return;
    drawn = found.messages;
    list.replaceChildren(...drawn.map((message) => hit(message, found.query)));
  }

  return { element, update, focus: () => input.select() };
}
