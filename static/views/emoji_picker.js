/**
 * A dialog to browse and search emoji.
 *
 * @module
 */
import { EMOJI, FAVOURITES, searchEmoji } from "../logic/emoji.js";
import { makeDialog } from "./dialog.js";
import { h } from "./dom.js";

/**
 * @param {import("./page.js").Page} page
 */
export function mountEmojiPicker({ speech }) {
  const search = h("input", { type: "search", autocomplete: "off", spellcheck: "false" });
  search.setAttribute("aria-label", speech.say("search_emoji"));
  search.placeholder = speech.say("search_emoji");
  const grid = h("div", { class: "emoji-grid" });
  const options = { close: speech.say("close"), class: "emoji-picker" };
  const element = makeDialog(speech.say("emoji"), options, search, grid);
  /** @type {(emoji: string) => void} */
  let picked = () => {};

  search.addEventListener("input", fill);
  search.addEventListener("keydown", (event) => {
    if (event.key === "Enter") pick(grid.firstElementChild);
    else if (event.key === "ArrowDown") focusAt(0);
    else return;
    event.preventDefault();
  });
  grid.addEventListener("click", (event) => {
    if (event.target instanceof Element) pick(event.target.closest("button"));
  });
  grid.addEventListener("keydown", (event) => {
    const index = [...grid.children].findIndex((button) => button === document.activeElement);
    const columns = Math.max(1, Math.floor(grid.clientWidth / 40));
    const steps = { ArrowRight: 1, ArrowLeft: -1, ArrowDown: columns, ArrowUp: -columns };
    const step = new Map(Object.entries(steps)).get(event.key);
    if (step === undefined) return;
    event.preventDefault();
    if (index + step < 0) search.focus();
    else focusAt(index + step);
  });

  /** @param {number} index */
  function focusAt(index) {
    const button = grid.children[Math.min(index, grid.childElementCount - 1)];
    if (button instanceof HTMLElement) button.focus();
  }

  /** @param {Element | null} button */
  function pick(button) {
    const emoji = button?.textContent;
    if (!emoji) return;
    element.close();
    picked(emoji);
  }

  function fill() {
    const query = search.value.trim();
    const found = query === ""
      ? [...FAVOURITES.map(named), ...EMOJI.filter(({ emoji }) => !FAVOURITES.includes(emoji))]
      : searchEmoji(query);
    grid.replaceChildren(...found.map(({ emoji, names }) => {
      const button = h("button", { type: "button", "aria-label": names[0], tabindex: -1 }, emoji);
      button.title = `:${names[0]}:`;
      return button;
    }));
    grid.firstElementChild?.setAttribute("tabindex", "0");
    if (found.length === 0) grid.append(h("p", { class: "nothing" }, speech.say("nothing_found")));
  }

  /** @param {(emoji: string) => void} onPick */
  function open(onPick) {
    picked = onPick;
    search.value = "";
    fill();
    element.showModal();
    search.focus();
  }

  return { element, open };
}

/** @param {string} emoji */
function named(emoji) {
  return EMOJI.find((candidate) => candidate.emoji === emoji) ?? { emoji, names: [emoji] };
}
