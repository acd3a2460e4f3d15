/**
 * Asks an admin before something is done to somebody, and for how long and why.
 *
 * @module
 */
import { makeDialog } from "../dialog.js";
import { h, setText } from "../dom.js";

/** How long, as the server takes it, and the words for it. */
const TERMS = /** @type {const} */ ([
  ["10m", "ten_minutes"],
  ["1h", "hour"],
  ["1d", "day"],
  ["7d", "week"],
  ["", "for_ever"],
]);

/** Longest reason, in UTF-16 code units: the server takes 512 bytes of UTF-8, of which each may need three. */
const MAX_REASON = 170;

/**
 * @param {import("../page.js").Page} page
 * @param {ReturnType<typeof import("./words.js").adminWords>} say
 */
export function makeQuestion({ speech }, say) {
  const terms = h(
    "select",
    { id: "admin-for" },
    ...TERMS.map(([value, key]) => h("option", { value }, say(key))),
  );
  const length = h(
    "div",
    { class: "field" },
    h("label", { for: terms.id }, say("duration")),
    terms,
  );
  const reason = h("input", { id: "admin-reason", type: "text", maxlength: MAX_REASON });
  const why = h("div", { class: "field" }, h("label", { for: reason.id }, say("reason")), reason);
  const yes = h("button", { type: "submit", class: "danger" }, say("act"));
  const no = h("button", { type: "button", class: "secondary" }, speech.say("cancel"));
  const form = h(
    "form",
    { novalidate: true },
    length,
    why,
    h("div", { class: "buttons" }, no, yes),
  );
  const element = makeDialog(say("administration"), { close: speech.say("close") }, form);
  const title = element.querySelector("h2") ?? element;
  /** @type {(terms: import("../../../sdk/admin.js").Terms) => void} */
  let confirmed = () => {};
  no.addEventListener("click", () => element.close());
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    element.close();
    const because = reason.value.trim();
    confirmed({
      ...(!length.hidden && terms.value !== "" && { for: terms.value }),
      ...(!why.hidden && because !== "" && { reason: because }),
    });
  });

  /**
   * @param {{ act: string, whom: string, lasts?: boolean, explains?: boolean }} what
   * @param {(terms: import("../../../sdk/admin.js").Terms) => void} onYes
   */
  function open({ act, whom, lasts = false, explains = true }, onYes) {
    const question = say("question", { act, whom });
    setText(title, question);
    element.setAttribute("aria-label", question);
    setText(yes, act);
    length.hidden = !lasts;
    why.hidden = !explains;
    terms.value = "1h";
    reason.value = "";
    confirmed = onYes;
    element.showModal();
    no.focus();
  }

  return { element, open };
}
