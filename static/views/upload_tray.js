/**
 * Uploads in progress, each with its progress and a button to cancel it.
 *
 * @module
 */
import { emit, h, iconButton, setAttributes, setText } from "./dom.js";
import { explain } from "./page.js";

/** @typedef {import("../chat/uploads.js").Upload} Upload */

/**
 * @param {import("./page.js").Page} page
 * @returns {import("./page.js").View}
 */
export function mountUploadTray(page) {
  const { speech, chat } = page;
  const element = h("ul", { class: "uploads", "aria-label": speech.say("uploads") });
  /** @type {Map<string, { row: HTMLElement, update: (item: Upload) => void }>} */
  const rows = new Map();

  /** @param {Upload} item */
  function makeRow(item) {
    const bar = h("progress", { max: Math.max(1, item.file.size), "aria-label": item.file.name });
    const text = h("span", { class: "note" });
    const retry = iconButton("retry", speech.say("retry"));
    const cancel = iconButton("close", speech.say("cancel_upload", { name: item.file.name }));
    retry.addEventListener("click", () => emit(element, "retry-upload", item.id));
    cancel.addEventListener("click", () => emit(element, "cancel-upload", item.id));
    const row = h(
      "li",
      { class: "upload" },
      h("bdi", { class: "upload-name" }, item.file.name),
      text,
      bar,
      retry,
      cancel,
    );

    /** @param {Upload} item */
    function update({ state, sent, file, problem }) {
      bar.value = sent;
      bar.hidden = state === "failed";
      retry.hidden = state !== "failed" || problem === "too_large";
      setAttributes(row, { "data-state": state });
      setText(text, words(state, sent, file.size, problem));
    }
    return { row, update };
  }

  /**
   * @param {Upload["state"]} state
   * @param {number} sent
   * @param {number} size
   * @param {string} problem
   */
  function words(state, sent, size, problem) {
    if (state === "failed") {
      return explain(speech, problem, { words: { too_many: "problem_too_many_files" } });
    }
    if (state === "queued") return speech.size(size);
    return speech.say("sent_of", {
      sent: speech.size(Math.min(sent, size)),
      size: speech.size(size),
    });
  }

  function update() {
    const items = chat.uploads.items.filter(({ key }) => key === chat.current);
    for (const [id, { row }] of rows) {
      if (items.some((item) => item.id === id)) continue;
      row.remove();
      rows.delete(id);
    }
    for (const item of items) {
      const known = rows.get(item.id) ?? makeRow(item);
      rows.set(item.id, known);
      if (!known.row.isConnected) element.append(known.row);
      known.update(item);
    }
    element.hidden = items.length === 0;
  }

  return { element, update };
}
