/**
 * Using an invitation: as somebody new, or as the guest or member who is signed in.
 *
 * @module
 */
import { MAX_NAME_LENGTH } from "../../../protocol/wire.js";
import { h } from "../dom.js";
import {
  guard,
  makeField,
  makeForm,
  makePassword,
  makeProblem,
  readName,
  readNewPassword,
} from "../form.js";
import { hasPasskeysHere } from "./passkeys_here.js";

/** @typedef {import("../page.js").Page} Page */

/** The server says no more about an invitation that opens nothing than that. */
const WORDS = /** @type {const} */ ({
  forbidden: "problem_invite",
  unauthorized: "problem_invite",
  conflict: "problem_invite_useless",
  bad_message: "problem_password",
});

/**
 * @param {Page} page
 * @param {(name: string) => void} signIn
 * @returns {import("../welcome.js").Way}
 */
export function mountInvited(page, signIn) {
  const { account, speech } = page;
  const isMember = account.user !== null && account.user.role !== "guest";
  const { children, first } = isMember ? memberForm(page) : newMemberForm(page);
  const leave = h("button", { type: "button", class: "link" }, speech.say("not_now"));
  leave.addEventListener("click", () => account.dropInvite());
  const aside = h("p", { class: "aside" }, leave);
  if (!account.user) {
    const known = h("button", { type: "button", class: "link" }, speech.say("have_account"));
    known.addEventListener("click", () => signIn(""));
    aside.prepend(known);
  }
  return {
    lead: account.user
      ? speech.say("invited_as", { name: account.user.name })
      : speech.say("invited"),
    children: [...children, aside],
    first,
  };
}

/**
 * The rooms of the invitation, or another role, for somebody who is a member already.
 *
 * @param {Page} page
 */
function memberForm({ account, speech }) {
  const form = makeForm(
    speech,
    { submit: speech.say("use_invite"), words: WORDS },
    [],
    () => use(account, account.accounts.useInvite({ invite: account.invite })),
  );
  return { children: [form.element], first: () => form.button };
}

/** @param {Page} page */
function newMemberForm(page) {
  const { account, speech } = page;
  const name = makeField("welcome-name", speech.say("your_name"), {
    autocomplete: "username",
    maxlength: MAX_NAME_LENGTH * 2,
  });
  name.input.value = account.user?.name ?? "";
  const password = makePassword("welcome-password", speech.say("new_password"), "new-password");
  const blame = {
    bad_name: name.input,
    name_taken: name.input,
    bad_message: password.input,
  };
  const form = makeForm(
    speech,
    { submit: speech.say("join"), words: WORDS, blame },
    [name.element, password.element, h("p", { class: "hint" }, speech.say("password_rule"))],
    () =>
      use(
        account,
        account.accounts.useInvite({
          invite: account.invite,
          name: readName(name.input),
          password: readNewPassword(password.input),
        }),
      ),
  );
  const passkey = hasPasskeysHere(page) ? [passkeyWay(page, name.input)] : [];
  return { children: [form.element, ...passkey], first: () => name.input };
}

/**
 * Joins without a password, and then makes a passkey: it needs somebody whom it belongs to.
 *
 * @param {Page} page
 * @param {HTMLInputElement} name
 */
function passkeyWay({ account, speech }, name) {
  const text = speech.say("join_with_passkey");
  const button = h("button", { type: "button", class: "secondary" }, text);
  const problem = makeProblem(speech, WORDS);
  const join = guard(button, problem, async () => {
    const who = { invite: account.invite, name: readName(name) };
    const joined = await account.accounts.useInvite(who);
    account.lacksCredential = await account.accounts.registerPasskey().then(
      () => false,
      () => true,
    );
    await use(account, Promise.resolve(joined));
  });
  button.addEventListener("click", join);
  return h("div", { class: "other-ways" }, button, problem.element);
}

/**
 * @param {import("../../chat/account.js").Account} account
 * @param {Promise<import("../../../sdk/accounts.js").SignedIn>} using
 */
async function use(account, using) {
  await using;
  account.invite = "";
  await account.enter(using);
}
