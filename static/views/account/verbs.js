/**
 * Opens the dialogs about the account, which are loaded when they are wanted first.
 *
 * @module
 */
import { emit } from "../dom.js";
import { explain } from "../page.js";

/** @typedef {{ element: HTMLElement, open: () => void }} Dialog */

/**
 * @param {import("../page.js").Page} page
 * @param {HTMLElement} workspace
 * @param {(text: string) => void} note
 */
export function followAccount(page, workspace, note) {
  /** @type {Record<string, () => Promise<Dialog>>} */
  const loaders = {
    "open-account": async () => (await import("./dialog.js")).mountAccount(page),
    "open-invites": async () => (await import("./invites.js")).mountInvites(page),
  };
  for (const [verb, load] of Object.entries(loaders)) {
    /** @type {Dialog | undefined} */
    let dialog;
    workspace.addEventListener(verb, async () => {
      try {
        if (!dialog) workspace.append((dialog = await load()).element);
      } catch {
        return note(explain(page.speech, "offline"));
      }
      dialog.open();
    });
  }
  if (page.account.lacksCredential) emit(workspace, "open-account");
}
