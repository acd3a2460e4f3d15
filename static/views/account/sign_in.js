/**
 * Signing in: with a password, a passkey, or at an OpenID Connect provider.
 *
 * @module
 */
import { MAX_NAME_LENGTH } from "../../../protocol/wire.js";
import { h } from "../dom.js";
import { guard, makeField, makeForm, makePassword, makeProblem, readName } from "../form.js";
import { hasPasskeysHere } from "./passkeys_here.js";

/**
 * @param {import("../page.js").Page} page
 * @param {string} typed the name that was typed before
 * @param {(name: string) => void} back
 * @returns {import("../welcome.js").Way}
 */
export function mountSignIn(page, typed, back) {
  const { account, speech } = page;
  const name = makeField("welcome-name", speech.say("your_name"), {
    autocomplete: "username",
    maxlength: MAX_NAME_LENGTH * 2,
  });
  name.input.value = typed;
  const password = makePassword("welcome-password", speech.say("password"), "current-password");
  const form = makeForm(
    speech,
    {
      submit: speech.say("sign_in"),
      blame: { bad_name: name.input, wrong_password: password.input },
    },
    [name.element, password.element],
    () => {
      const who = { name: readName(name.input), password: password.input.value };
      return account.enter(account.accounts.signIn(who));
    },
  );
  const isMembersOnly = account.standing?.access === "members";
  const children = [form.element, ...otherWays(page)];
  if (isMembersOnly && account.invite === "") {
    children.push(h("p", { class: "hint" }, speech.say("members_only_text")));
  } else {
    const text = speech.say(account.invite === "" ? "enter_as_guest" : "back_to_invitation");
    const button = h("button", { type: "button", class: "link" }, text);
    button.addEventListener("click", () => back(name.input.value));
    children.push(h("p", { class: "aside" }, button));
  }
  return {
    lead: speech.say(isMembersOnly ? "welcome_members" : "welcome_back"),
    children,
    first: () => typed === "" ? name.input : password.input,
  };
}

/**
 * @param {import("../page.js").Page} page
 * @returns {HTMLElement[]}
 */
function otherWays(page) {
  const { account, speech } = page;
  const ways = h("div", { class: "other-ways" });
  if (hasPasskeysHere(page)) {
    const button = h("button", { type: "button", class: "secondary" }, speech.say("use_passkey"));
    const problem = makeProblem(speech, {
      forbidden: "problem_passkey",
      unauthorized: "problem_passkey",
      bad_message: "problem_passkey",
    });
    const signIn = () => account.enter(account.accounts.signInWithPasskey());
    button.addEventListener("click", guard(button, problem, signIn));
    ways.append(button, problem.element);
  }
  if (account.standing?.oidc) {
    ways.append(h("a", { class: "secondary", href: "api/oidc" }, speech.say("use_provider")));
  }
  return ways.childElementCount > 0 ? [ways] : [];
}
