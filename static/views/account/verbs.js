/**
 * Opens the dialogs about the account, which are loaded when they are wanted first.
 *
 * @module
 */
import { lateDialog } from "../dialog.js";

/**
 * @param {import("../page.js").Page} page
 * @param {HTMLElement} workspace
 */
export function followAccount(page, workspace) {
  const account = lateDialog(
    workspace,
    async () => (await import("./dialog.js")).mountAccount(page),
  );
  const invites = lateDialog(
    workspace,
    async () => (await import("./invites.js")).mountInvites(page),
  );
  const admin = lateDialog(
    workspace,
    async () => (await import("../admin/dialog.js")).mountAdmin(page),
  );
  workspace.addEventListener("open-admin", (event) => {
    if (event instanceof CustomEvent) admin.open(event.detail);
  });
  workspace.addEventListener("open-account", () => account.open());
  workspace.addEventListener("open-invites", () => invites.open());
  if (page.account.lacksCredential) account.open();
}
