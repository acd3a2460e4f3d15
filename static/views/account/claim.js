/**
 * A guest becomes a member, and keeps name and messages.
 *
 * @module
 */
import { h } from "../dom.js";
import {
  guard,
  makeForm,
  makePassword,
  makeProblem,
  makeUsername,
  readNewPassword,
} from "../form.js";
import { hasPasskeysHere } from "./passkeys_here.js";

/** @param {import("./section.js").Part} part */
export function makeClaim({ page, done, render }) {
  const { account, speech } = page;
  if (account.standing?.register !== "open") {
    return h("p", { class: "hint" }, speech.say("claim_closed"));
  }

  function claimed() {
    render();
    done(speech.say("claimed"));
  }

  const password = makePassword("claim-password", speech.say("new_password"), "new-password");
  const form = makeForm(
    speech,
    {
      submit: speech.say("claim"),
      words: { bad_message: "problem_password", forbidden: "claim_closed" },
      blame: { bad_message: password.input },
    },
    [
      makeUsername(account.user?.name ?? ""),
      password.element,
      h("p", { class: "hint" }, speech.say("password_rule")),
    ],
    async () => {
      const who = { password: readNewPassword(password.input) };
      await account.enter(account.accounts.claim(who));
      claimed();
    },
  );
  return h(
    "div",
    { class: "claim" },
    h("p", {}, speech.say("claim_text")),
    form.element,
    ...(hasPasskeysHere(page) ? makePasskeyClaim(page, claimed) : []),
  );
}

/**
 * @param {import("../page.js").Page} page
 * @param {() => void} claimed
 */
function makePasskeyClaim({ account, speech }, claimed) {
  const button = h("button", { type: "button", class: "secondary" }, speech.say("claim_passkey"));
  const problem = makeProblem(speech, {
    conflict: "problem_passkey_there",
    forbidden: "claim_closed",
  });
  const claim = guard(button, problem, async () => {
    await account.accounts.registerPasskey();
    await account.refresh();
    claimed();
  });
  button.addEventListener("click", claim);
  return [button, problem.element];
}
