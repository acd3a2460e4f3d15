/**
 * Logging out, and deleting the account.
 *
 * @module
 */
import { h } from "../dom.js";
import { guard, makeForm, makePassword, makeProblem, makeUsername } from "../form.js";
import { makeSection } from "./section.js";

/** @typedef {import("../page.js").Page} Page */

/**
 * A guest is told first that there is no way back.
 *
 * @param {Page} page
 */
export function makeLogout({ account, speech }) {
  const isGuest = account.user?.role === "guest";
  const style = isGuest ? "danger" : "secondary";
  const button = h("button", { type: "button", class: style }, speech.say("log_out"));
  const problem = makeProblem(speech);
  button.addEventListener("click", guard(button, problem, () => account.logout()));
  if (!isGuest) return h("div", { class: "section" }, button, problem.element);
  const warning = speech.say("log_out_guest", { name: account.user?.name ?? "" });
  return makeSection(speech.say("log_out"), [h("p", {}, warning), problem.element, button]).element;
}

/** @param {Page} page */
export function makeRemoval({ account, speech }) {
  const isGuest = account.user?.role === "guest";
  const password = makePassword(
    "delete-password",
    speech.say("current_password"),
    "current-password",
  );
  const messages = h("input", { type: "checkbox" });
  const confirmation = [
    makeUsername(account.user?.name ?? ""),
    password.element,
    h("p", { class: "hint" }, speech.say("current_password_hint")),
  ];
  const form = makeForm(
    speech,
    {
      submit: speech.say("delete_account"),
      style: "danger",
      words: {
        bad_message: "problem_account_password",
        wrong_password: "problem_account_password",
        unauthorized: "problem_fresh",
        conflict: "problem_last_admin",
      },
      blame: { wrong_password: password.input, bad_message: password.input },
    },
    [
      h("p", {}, speech.say("delete_account_text")),
      ...(isGuest ? [] : confirmation),
      h("label", { class: "toggle" }, messages, h("span", {}, speech.say("delete_messages"))),
    ],
    () => {
      const { value } = password.input;
      const known = value === "" ? {} : { password: value };
      return account.remove({ ...known, messages: messages.checked });
    },
  );
  return makeSection(speech.say("delete_account"), [form.element]).element;
}
