/**
 * Modal dialogs.
 *
 * @module
 */
import { emit, h, iconButton } from "./dom.js";

/**
 * A modal dialog with a heading and a button that closes it. The browser keeps the focus inside and restores it
 * afterwards; a press beside the dialog closes it.
 *
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

/**
 * A dialog whose module is loaded when it is opened first. Emits `not-loaded` if that fails.
 *
 * @template {unknown[]} Args
 * @param {HTMLElement} parent
 * @param {() => Promise<{ element: HTMLElement, open: (...args: Args) => void, update?: () => void }>} load
 */
export function lateDialog(parent, load) {
  /** @type {Awaited<ReturnType<typeof load>> | undefined} */
  let dialog;

  /** @param {Args} args */
  async function open(...args) {
    try {
      const loaded = dialog ?? await load();
      if (!dialog) parent.append((dialog = loaded).element);
    } catch {
      return emit(parent, "not-loaded");
    }
    dialog.open(...args);
  }

  return { open, update: () => dialog?.update?.() };
}

/**
 * Asks before a message is deleted, which cannot be undone.
 *
 * @param {import("./page.js").Page} page
 */
export function mountConfirm({ speech }) {
  const yes = h("button", { type: "button", class: "danger" }, speech.say("delete"));
  const no = h("button", { type: "button", class: "secondary" }, speech.say("cancel"));
  const element = makeDialog(
    speech.say("delete_question"),
    { close: speech.say("close") },
    h("p", {}, speech.say("delete_text")),
    h("div", { class: "buttons" }, no, yes),
  );
  let confirmed = () => {};
  no.addEventListener("click", () => element.close());
  yes.addEventListener("click", () => {
    element.close();
    confirmed();
  });

  /** @param {() => void} onYes */
  function open(onYes) {
    confirmed = onYes;
    element.showModal();
    yes.focus();
  }

  return { element, open };
}
