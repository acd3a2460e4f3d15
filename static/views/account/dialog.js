/**
 * The account dialog: keeping the name, password, passkeys, devices, invitations, leaving. Loaded when it
 * is opened first.
 *
 * @module
 */
import { makeDialog } from "../dialog.js";
import { emit, h, setText } from "../dom.js";
import { makeClaim } from "./claim.js";
import { makeDevicesSection } from "./devices.js";
import { makeLogout, makeRemoval } from "./leaving.js";
import { hasPasskeysHere } from "./passkeys_here.js";
import { makePasskeysSection } from "./passkeys.js";
import { makePasswordSection } from "./password.js";
import { makeRoleBadge } from "./role_badge.js";

/** @typedef {import("../page.js").Page} Page */

/** @param {Page} page */
export function mountAccount(page) {
  const { account, speech } = page;
  const body = h("div", { class: "account-body" });
  const status = h("p", { class: "news", role: "status" });
  const element = makeDialog(
    speech.say("account"),
    { close: speech.say("close"), class: "account-dialog" },
    status,
    body,
  );
  const part = { page, done: (/** @type {string} */ text) => setText(status, text), render };

  function render() {
    if (!account.user) return;
    const { name, role } = account.user;
    const hadFocus = body.contains(document.activeElement);
    const isGuest = role === "guest";
    body.replaceChildren(
      h("p", { class: "who" }, h("bdi", {}, name), makeRoleBadge(speech, role)),
      ...(isGuest ? [makeClaim(part)] : makeMemberParts(part, element)),
      makeDevicesSection(part),
      makeLogout(page),
      makeRemoval(page),
    );
    if (hadFocus) body.querySelector("summary")?.focus();
  }

  function open() {
    setText(status, account.lacksCredential ? speech.say("lacks_credential") : "");
    render();
    if (!element.open) element.showModal();
  }

  return { element, open };
}

/**
 * @param {import("./section.js").Part} part
 * @param {HTMLElement} dialog
 */
function makeMemberParts(part, dialog) {
  const { account, speech } = part.page;
  const parts = [];
  const mayInvite = account.user?.role === "admin" || account.standing?.register !== "off";
  if (mayInvite) {
    const invite = h("button", { type: "button", class: "secondary" }, speech.say("invite_people"));
    invite.addEventListener("click", () => emit(dialog, "open-invites"));
    parts.push(h("div", { class: "section" }, invite));
  }
  if (account.user?.role === "admin") {
    const admin = h("button", { type: "button", class: "secondary" }, speech.say("administration"));
    admin.addEventListener("click", () => emit(dialog, "open-admin"));
    parts.push(h("div", { class: "section" }, admin));
  }
  parts.push(makePasswordSection(part));
  if (hasPasskeysHere(part.page)) parts.push(makePasskeysSection(part));
  if (account.standing?.oidc) {
    const link = h("a", { class: "secondary", href: "api/oidc" }, speech.say("oidc_link"));
    parts.push(h("div", { class: "section" }, link));
  }
  return parts;
}
