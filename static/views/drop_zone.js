/**
 * Files dropped on the conversation, or pasted into it.
 *
 * @module
 */
import { emit, h } from "./dom.js";

/**
 * @param {HTMLElement} element
 * @param {import("./page.js").Page} page
 * @param {string} words shown while files are dragged over the page
 */
export function followDrops(element, page, words) {
  const cover = h("div", { class: "drop", hidden: true }, words);
  element.append(cover);

  element.addEventListener("dragover", (event) => {
    if (!hasFiles(event) || page.chat.conversation?.kind !== "room") return;
    event.preventDefault();
    cover.hidden = false;
  });
  element.addEventListener("dragleave", (event) => {
    if (event.relatedTarget instanceof Node && element.contains(event.relatedTarget)) return;
    cover.hidden = true;
  });
  element.addEventListener("drop", (event) => {
    cover.hidden = true;
    if (!hasFiles(event)) return;
    event.preventDefault();
    emit(element, "files", [...event.dataTransfer?.files ?? []]);
  });
  element.addEventListener("paste", (event) => {
    const files = [...event.clipboardData?.files ?? []];
    // Text copied from a document may come with a picture of itself: then the text is pasted.
    if (files.length === 0 || event.clipboardData?.getData("text/plain")) return;
    event.preventDefault();
    emit(element, "files", files);
  });
}

/** @param {DragEvent} event */
function hasFiles({ dataTransfer }) {
  return dataTransfer?.types.includes("Files") ?? false;
}
