/**
 * The user's passkeys: lists, adds and removes them.
 *
 * @module
 */
import { describeAgent } from "../../logic/agent.js";
import { h } from "../dom.js";
import { guard, makeField, makeForm, makeProblem } from "../form.js";
import { makeItem, makeSection, whenIs } from "./section.js";

/** As many characters as the server keeps of a passkey's name. */
const MAX_LABEL_LENGTH = 64;

/** @param {import("./section.js").Part} part */
export function makePasskeysSection({ page, done }) {
  const { account, speech } = page;
  const { accounts } = account;
  const list = h("ul", { class: "items" });
  const problem = makeProblem(speech, { conflict: "problem_last_passkey" });
  const label = makeField("passkey-label", speech.say("passkey_label"), {
    autocomplete: "off",
    maxlength: MAX_LABEL_LENGTH,
  });
  label.input.value = describeAgent(navigator.userAgent);
  const form = makeForm(
    speech,
    {
      submit: speech.say("add_passkey"),
      style: "secondary",
      words: { conflict: "problem_passkey_there", forbidden: "problem_unsupported" },
    },
    [label.element],
    async () => {
      await accounts.registerPasskey({ label: label.input.value.trim() });
      account.lacksCredential = false;
      await fill();
      done(speech.say("passkey_added"));
    },
  );
  const section = makeSection(
    speech.say("passkeys"),
    [
      h("p", { class: "hint" }, speech.say("passkeys_text")),
      list,
      problem.element,
      form.element,
    ],
    () => fill().catch(problem.show),
  );

  async function fill() {
    const items = (await accounts.passkeys()).map(item);
    const none = h("li", { class: "note" }, speech.say("passkeys_none"));
    list.replaceChildren(...(items.length > 0 ? items : [none]));
  }

  /** @param {import("../../../sdk/accounts.js").Passkey} passkey */
  function item({ id, label: given, created }) {
    const name = given || speech.say("passkeys");
    const button = h("button", { type: "button", class: "secondary" }, speech.say("remove"));
    button.setAttribute("aria-label", speech.say("remove_passkey", { name }));
    const remove = guard(button, problem, async () => {
      await accounts.removePasskey(id);
      await fill();
      section.summary.focus();
      done(speech.say("passkey_removed"));
    });
    button.addEventListener("click", remove);
    return makeItem(name, speech.say("passkey_since", { time: whenIs(page, created) }), button);
  }

  return section.element;
}
