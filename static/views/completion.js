/**
 * The list above the composer that completes `@names` and `:emoji:`. The focus stays in the text: arrows
 * select, Enter or Tab accepts, Escape closes.
 *
 * @module
 */
import { foldName } from "../../protocol/wire.js";
import { namesIn } from "../logic/conversation.js";
import { searchEmoji } from "../logic/emoji.js";
import { sortNames } from "../logic/presence.js";
import { completionAt, matchNames } from "../logic/text.js";
import { h, setAttributes } from "./dom.js";

/** Maximum number of choices. */
const CHOICES = 8;

/**
 * @param {import("./page.js").Page} page
 * @param {HTMLTextAreaElement} input
 * @param {(range: { from: number, to: number }, replacement: string) => void} accept
 */
export function mountCompletion(page, input, accept) {
  const element = h("ul", { class: "completion", role: "listbox", id: "completion", hidden: true });
  element.setAttribute("aria-label", page.speech.say("completions"));
  setAttributes(input, { "aria-autocomplete": "list", "aria-controls": "completion" });
  /** @type {{ label: string, insert: string }[]} */
  let choices = [];
  let chosen = 0;
  let range = { from: 0, to: 0 };
  /** The word for which Escape closed the list: it stays closed until the word changes. */
  let dismissed = "";

  input.addEventListener("keydown", (event) => {
    if (choices.length === 0 || event.isComposing) return;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      const step = event.key === "ArrowDown" ? 1 : choices.length - 1;
      chosen = (chosen + step) % choices.length;
      draw();
    } else if (event.key === "Enter" && isWritten(chosen)) {
      return close();
    } else if (event.key === "Enter" || event.key === "Tab") {
      take(chosen);
    } else if (event.key === "Escape") {
      dismissed = input.value;
      close();
    } else {
      return;
    }
    event.preventDefault();
    event.stopImmediatePropagation();
  });
  input.addEventListener("blur", () => close());
  // pointerdown, because a click would first take the focus away and close the list.
  element.addEventListener("pointerdown", (event) => {
    const option = event.target instanceof Element ? event.target.closest("li") : null;
    if (!option) return;
    event.preventDefault();
    take([...element.children].indexOf(option));
  });

  /**
   * Whether the text already equals a choice: then Enter sends.
   *
   * @param {number} index
   */
  function isWritten(index) {
    const written = input.value.slice(range.from, range.to);
    return foldName(choices[index]?.insert ?? "") === foldName(written);
  }

  /** @param {number} index */
  function take(index) {
    const choice = choices[index];
    close();
    if (choice) accept(range, choice.insert);
  }

  function find() {
    if (document.activeElement !== input || input.value === dismissed) return [];
    const { selectionStart, selectionEnd, value } = input;
    const found = selectionStart === selectionEnd ? completionAt(value, selectionStart) : null;
    if (!found) return [];
    range = { from: found.from, to: selectionStart };
    if (found.kind === "emoji") {
      return searchEmoji(found.query, CHOICES).map(({ emoji, names }) => ({
        label: `${emoji} :${names[0]}:`,
        insert: emoji,
      }));
    }
    const names = sortNames(namesIn(page.chat.conversation), page.speech.code);
    return matchNames(names, found.query, CHOICES).map((name) => ({
      label: `@${name}`,
      insert: `@${name}`,
    }));
  }

  function close() {
    choices = [];
    draw();
  }

  function draw() {
    element.hidden = choices.length === 0;
    element.replaceChildren(...choices.map(({ label }, index) => {
      const option = h("li", { role: "option", id: `completion-${index}` }, h("bdi", {}, label));
      option.setAttribute("aria-selected", String(index === chosen));
      return option;
    }));
    const active = choices.length > 0 ? `completion-${chosen}` : undefined;
    setAttributes(input, { "aria-activedescendant": active });
  }

  function update() {
    const next = find();
    if (JSON.stringify(next) === JSON.stringify(choices)) return;
    choices = next;
    chosen = 0;
    draw();
  }

  return { element, update, close };
}
