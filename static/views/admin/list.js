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
 * @param {(entry: T) => Node} options.item
 * @param {string} [options.find] id of the field to search it with; absent: it cannot be searched
 * @param {readonly Node[]} [options.before] what stands above it
 */
export function makeList({ speech }, say, { title, load, item, find, before = [] }) {
  const list = h("ul", { class: "items" });
  const more = h("button", { type: "button", class: "secondary", hidden: true }, say("more"));
  const problem = makeProblem(speech);
  const input = h("input", { id: find, type: "search", maxlength: 100, autocomplete: "off" });
  const search = find === undefined
    ? []
    : [h("div", { class: "field" }, h("label", { for: find }, say("find")), input)];
  /** @type {T | undefined} */
  let last;
  /** Loading goes one page after the other. @type {Promise<unknown>} */
  let loading = Promise.resolve();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let timer;

  /** @param {boolean} anew */
  async function addPage(anew) {
    const { entries, complete } = await load(anew ? undefined : last, input.value.trim());
    if (anew) list.replaceChildren();
    last = entries.at(-1) ?? (anew ? undefined : last);
    list.append(...entries.map(item));
    if (list.childElementCount === 0) list.append(h("li", { class: "note" }, say("none")));
    more.hidden = complete;
  }

  /** @param {boolean} anew */
  function show(anew) {
    setText(problem.element, "");
    return loading = loading.then(() => addPage(anew)).catch(problem.show);
  }

  input.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(() => show(true), PAUSE_MS);
  });
  more.addEventListener("click", () => more.hidden || show(false));
  const children = [...before, ...search, list, problem.element, more];
  const { element } = makeSection(title, children, () => show(true));
  return { element, refresh: async () => element.open && await show(true) };
}

/**
 * One of a list, with what can be done about it.
 *
 * @param {string} text
 * @param {string} note
 * @param {readonly Node[]} actions
 */
export function withActions(text, note, actions) {
  const item = makeItem(text, note, null);
  if (actions.length > 0) item.append(h("div", { class: "buttons" }, ...actions));
  return item;
}
