/**
 * Changes the password, or sets the first one of a member who has come in another way.
 *
 * @module
 */
import { h } from "../dom.js";
import { makeForm, makePassword, makeUsername, readNewPassword } from "../form.js";
import { makeSection } from "./section.js";

/** @param {import("./section.js").Part} part */
export function makePasswordSection({ page, done }) {
  const { account, speech } = page;
  const old = makePassword("old-password", speech.say("current_password"), "current-password");
  const next = makePassword("new-password", speech.say("new_password"), "new-password");
  const form = makeForm(
    speech,
    {
      submit: speech.say("change_password"),
      style: "secondary",
      words: {
        bad_message: "problem_password",
        wrong_password: "problem_account_password",
        unauthorized: "problem_fresh",
      },
      blame: { wrong_password: old.input, bad_message: next.input },
    },
    [
      makeUsername(account.user?.name ?? ""),
      old.element,
      h("p", { class: "hint" }, speech.say("current_password_hint")),
      next.element,
      h("p", { class: "hint" }, speech.say("password_rule")),
    ],
    change,
  );

  async function change() {
    const passwords = { new: readNewPassword(next.input) };
    const known = old.input.value === "" ? passwords : { ...passwords, old: old.input.value };
    await account.accounts.changePassword(known);
    account.lacksCredential = false;
    form.element.reset();
    done(speech.say("password_changed"));
  }

  return makeSection(speech.say("password"), [form.element]).element;
}
