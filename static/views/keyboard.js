/**
 * Global keyboard shortcuts: rooms, search, previous and next conversation, next area.
 *
 * @module
 */
import { inOrder } from "../logic/conversation.js";
import { hashOf } from "../logic/rooms.js";

/**
 * @param {import("./page.js").Page} page
 * @param {ReturnType<typeof import("./workspace.js").mountWorkspace>} workspace
 * @param {AbortSignal} signal removes the listeners
 */
export function followShortcuts({ chat, speech }, workspace, signal) {
  document.addEventListener("keydown", (event) => {
    if (document.querySelector("dialog[open]") || event.isComposing) return;
    const command = event.ctrlKey || event.metaKey;
    if (command && event.key.toLowerCase() === "k") workspace.rooms.open();
    else if (command && event.shiftKey && event.key.toLowerCase() === "f") {
      workspace.toggleSide("search");
    } else if (event.altKey && event.key === "ArrowUp") neighbour(-1);
    else if (event.altKey && event.key === "ArrowDown") neighbour(1);
    else if (event.key === "F6") nextArea(event.shiftKey ? -1 : 1);
    else if (event.key === "Escape") workspace.closeDrawers();
    else return;
    event.preventDefault();
  }, { signal });

  /** @param {number} by */
  function neighbour(by) {
    const all = inOrder(chat.conversations.values(), speech.code);
    const index = all.findIndex(({ key }) => key === chat.current);
    const next = all[(index + by + all.length) % all.length];
    if (next) location.hash = hashOf(next);
  }

  /** @param {number} by */
  function nextArea(by) {
    const areas = [
      workspace.element.querySelector(".sidebar a[aria-current]"),
      workspace.element.querySelector(".log"),
      workspace.element.querySelector("#composer"),
      workspace.element.querySelector(".side:not([hidden]) .panel:not([hidden]) button"),
    ].filter((area) => area instanceof HTMLElement);
    const focused = document.activeElement;
    const now = areas.findIndex((area) =>
      area === focused || area.closest(".sidebar, .log, .composer, .side")?.contains(focused)
    );
    areas[(now + by + areas.length) % areas.length]?.focus();
  }
}
