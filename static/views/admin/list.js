/**
 * Lists of the administration: loaded when they are unfolded, a page at a time, and searched.
 *
 * @module
 */
import { makeItem, makeSection } from "../account/section.js";
import { h, setText } from "../dom.js";
import { makeProblem } from "../form.js";

/** How long after the last key a list is searched, in milliseconds. */
const PAUSE_MS = 300;

/**
 * What is loaded of a list.
 *
 * @template T
 * @typedef {{ entries: T[], complete: boolean }} Loaded
 */

/**
 * A section with a list.
 *
 * @template T
 * @param {import("../page.js").Page} page
 * @param {ReturnType<typeof import("./words.js").adminWords>} say
 * @param {object} options
 * @param {string} options.title
 * @param {(last: T | undefined, content: string) => Promise<Loaded<T>>} options.load what comes after `last`,
 * of that which contains `content`
 * @param {(entry: T) => string | number} options.key what tells an entry from all others
 * @param {(entry: T) => HTMLElement} options.item
 * @param {string} [options.find] id of the field to search it with; absent: it cannot be searched
 * @param {readonly Node[]} [options.before] what stands above it
 */
export function makeList({ speech }, say, { title, load, key, item, find, before = [] }) {
  const list = h("ul", { class: "items" });
  const more = h("button", { type: "button", class: "secondary", hidden: true }, say("more"));
  const problem = makeProblem(speech);
  const input = h("input", { id: find, type: "search", maxlength: 100, autocomplete: "off" });
  const field = find === undefined
    ? []
    : [h("div", { class: "field" }, h("label", { for: find }, say("find")), input)];
  /** @type {T[]} */
  let entries = [];
  /** One for each entry. @type {HTMLElement[]} */
  let items = [];
  /** Loading goes one after the other. @type {Promise<unknown>} */
  let loading = Promise.resolve();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /**
   * Loads a list and draws it anew.
   *
   * @param {"first" | "more" | "again"} what its first page, one page more than is shown, or what is shown
   */
  async function fill(what) {
    /** @type {T[]} */
    let loaded = what === "more" ? entries : [];
    const least = what === "again" ? entries.length : 0;
    let page;
    do {
      page = await load(loaded.at(-1), input.value.trim());
      loaded = [...loaded, ...page.entries];
    } while (!page.complete && page.entries.length > 0 && loaded.length < least);
    const restoreFocus = keepFocus();
    entries = loaded;
    items = entries.map(item);
    for (const drawn of items) drawn.tabIndex = -1;
    list.replaceChildren(...items);
    if (items.length === 0) list.append(h("li", { class: "note" }, say("none")));
    more.hidden = page.complete;
    restoreFocus();
  }

  /**
   * Notes what has the focus.
   *
   * @returns {() => void} gives it, once the list is drawn anew, to the same button of the same entry, to the
   * entry at the same place, or to the section
   */
  function keepFocus() {
    const focused = document.activeElement;
    const [place, count] = [items.findIndex((one) => one.contains(focused)), items.length];
    const entry = entries[place];
    const act = focused?.getAttribute("aria-label");
    return () => {
      if (focused === more && more.hidden) (items[count] ?? summary).focus();
      if (entry === undefined) return;
      const same = items[entries.findIndex((one) => key(one) === key(entry))];
      const buttons = [...same?.querySelectorAll("button") ?? []];
      const button = buttons.find((one) => one.getAttribute("aria-label") === act);
      (button ?? same ?? items[place] ?? summary).focus();
    };
  }

  /** @param {Parameters<typeof fill>[0]} what */
  function show(what) {
    setText(problem.element, "");
    return loading = loading.then(() => fill(what)).catch(problem.show);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => show("first"), PAUSE_MS);
  });
  more.addEventListener("click", () => more.hidden || show("more"));
  const children = [...before, ...field, list, problem.element, more];
  const { element, summary } = makeSection(title, children, () => show("first"));

  /** Unfolds the list with what contains a text. @param {string} content */
  function search(content) {
    input.value = content;
    element.open = true;
    summary.focus();
  }

  return { element, search, refresh: async () => element.open && await show("again") };
}

/**
 * One of a list, with what can be done about it.
 *
 * @param {string} text
 * @param {string | Node} note
 * @param {readonly Node[]} actions
 */
export function withActions(text, note, actions) {
  const item = makeItem(text, note, null);
  if (actions.length > 0) item.append(h("div", { class: "buttons" }, ...actions));
  return item;
}
