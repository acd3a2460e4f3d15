/**
 * A modal dialog with a heading and a way out. The browser keeps the focus inside and gives it back
 * afterwards; a press beside the dialog closes it.
 *
 * @module
 */
import { h, iconButton } from "./dom.js";

/**
 * @param {string} title
 * @param {{ close: string, class?: string }} options `close`: the closing button's name
 * @param {...Node} children
 */
export function makeDialog(title, options, ...children) {
  const close = iconButton("close", options.close);
  const element = h(
    "dialog",
    { class: `dialog ${options.class ?? ""}`, "aria-label": title },
    h("div", { class: "dialog-head" }, h("h2", {}, title), close),
    ...children,
  );
  close.addEventListener("click", () => element.close());
  element.addEventListener("pointerdown", (event) => {
    if (event.target !== element) return;
    const { left, right, top, bottom } = element.getBoundingClientRect();
    const { clientX: x, clientY: y } = event;
    if (x < left || x > right || y < top || y > bottom) element.close();
  });
  return element;
}
