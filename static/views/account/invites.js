/**
 * The dialog in which members make links that invite, and withdraw them. Loaded when it is opened first.
 *
 * @module
 */
import { LOBBY } from "../../../protocol/wire.js";
import { makeDialog } from "../dialog.js";
import { h, setText } from "../dom.js";
import { guard, makeForm, makeProblem } from "../form.js";
import { makeItem, whenIs } from "./section.js";

/** @typedef {import("../page.js").Page} Page */
/** @typedef {import("../../../sdk/accounts.js").Invite} Invite */

const DAY = 86_400_000;

/** By so much, in milliseconds, the clock of the server may be behind without a link being good for too long. */
const MARGIN = 60_000;

/** How often a link may be used. */
const USES = [1, 5, 25, 100];

/** For how many days a link may be good. */
const DAYS = [1, 7, 30, 90];

/** @param {Page} page */
export function mountInvites(page) {
  const { account, speech } = page;
  const { accounts } = account;
  const status = h("p", { class: "news", role: "status" });
  const list = h("ul", { class: "items" });
  const problem = makeProblem(speech);
  const choices = makeChoices(page);
  const result = makeResult(page, (text) => setText(status, text));
  const form = makeForm(
    speech,
    {
      submit: speech.say("make_link"),
      words: { no_such_room: "problem_invite_room", bad_room: "problem_invite_room" },
    },
    [choices.element],
    async () => {
      result.show((await accounts.invite(choices.read())).link);
      setText(status, speech.say("invite_made"));
      await fill();
    },
  );
  const heading = h("h3", { tabindex: -1 }, speech.say("invitations"));
  const element = makeDialog(
    speech.say("invite_people"),
    { close: speech.say("close"), class: "invites" },
    h("p", { class: "hint" }, speech.say("invite_text")),
    form.element,
    status,
    result.element,
    heading,
    problem.element,
    list,
  );
  // The link is a secret: it is not to stay in the document.
  element.addEventListener("close", () => result.show(""));

  async function fill() {
    const items = (await accounts.invites()).map(item);
    const none = h("li", { class: "note" }, speech.say("invitations_none"));
    list.replaceChildren(...(items.length > 0 ? items : [none]));
  }

  /** @param {Invite} invite */
  function item({ id, role, rooms, uses, expires }) {
    const time = whenIs(page, expires);
    const button = h("button", { type: "button", class: "secondary" }, speech.say("revoke"));
    button.setAttribute("aria-label", speech.say("revoke_invite", { time }));
    const revoke = guard(button, problem, async () => {
      await accounts.revokeInvite(id);
      await fill();
      heading.focus();
      setText(status, speech.say("revoked"));
    });
    button.addEventListener("click", revoke);
    const whom = speech.say(role === "admin" ? "role_admin" : "role_member");
    const where = rooms.map((room) => `#${room}`);
    const note = [
      speech.say("invite_uses", { count: uses }),
      speech.say("expires_at", { time }),
    ].join(speech.say("separator"));
    return makeItem([whom, ...where].join(" "), note, button);
  }

  function open() {
    setText(status, "");
    choices.update();
    element.showModal();
    fill().catch(problem.show);
  }

  return { element, open };
}

/**
 * Whom, where to, how often and how long.
 *
 * @param {Page} page
 */
function makeChoices({ account, chat, speech, now }) {
  const role = makeSelect("invite-role", speech.say("invite_for"), [
    ["member", speech.say("role_member")],
    ["admin", speech.say("role_admin")],
  ]);
  const uses = makeSelect(
    "invite-uses",
    speech.say("uses"),
    USES.map((count) => [`${count}`, speech.say("uses_times", { count })]),
  );
  const days = makeSelect(
    "invite-days",
    speech.say("expires"),
    DAYS.map((count) => [`${count}`, speech.say("expires_days", { count })]),
  );
  const rooms = h("fieldset", { class: "choices" });
  const element = h(
    "div",
    { class: "choices" },
    role.element,
    h("div", { class: "pair" }, uses.element, days.element),
    rooms,
  );

  /** Those that the user may perhaps invite to. Everybody is in the lobby anyway. */
  function update() {
    role.element.hidden = account.user?.role !== "admin";
    days.select.value = "7";
    const offered = chat.connection.memberships.filter((entry) =>
      entry.room !== LOBBY && !entry.room.startsWith("@") &&
      (!entry.private || entry.role === "owner" || entry.role === "moderator")
    );
    rooms.hidden = offered.length === 0;
    rooms.replaceChildren(
      h("legend", {}, speech.say("invite_rooms")),
      ...offered.map(({ room }) =>
        h(
          "label",
          { class: "toggle" },
          h("input", { type: "checkbox", value: room }),
          h("bdi", {}, `#${room}`),
        )
      ),
    );
  }

  function read() {
    const checked = [...rooms.querySelectorAll("input")].filter((input) => input.checked);
    return {
      ...(role.select.value === "admin" && { role: /** @type {const} */ ("admin") }),
      rooms: checked.map(({ value }) => value),
      uses: Number(uses.select.value),
      expires: now() + Number(days.select.value) * DAY - MARGIN,
    };
  }

  return { element, update, read };
}

/**
 * The link, with a button that copies it.
 *
 * @param {Page} page
 * @param {(text: string) => void} say
 */
function makeResult({ speech }, say) {
  const input = h("input", { id: "invite-link", type: "text", readonly: true });
  const copy = h("button", { type: "button", class: "secondary" }, speech.say("copy"));
  const element = h(
    "div",
    { class: "field", hidden: true },
    h("label", { for: input.id }, speech.say("invite_link")),
    h("div", { class: "with-button" }, input, copy),
  );
  copy.addEventListener("click", async () => {
    input.select();
    // Outside of secure contexts there is no Clipboard API.
    const copied = navigator.clipboard === undefined
      ? document.execCommand("copy")
      : await navigator.clipboard.writeText(input.value).then(() => true, () => false);
    say(speech.say(copied ? "copied" : "copy_failed"));
  });

  /** @param {string} link empty: none */
  function show(link) {
    input.value = link;
    element.hidden = link === "";
    if (link !== "") input.select();
  }

  return { element, show };
}

/**
 * @param {string} id
 * @param {string} label
 * @param {readonly (readonly string[])[]} options values with their words
 */
function makeSelect(id, label, options) {
  const select = h("select", { id });
  for (const [value = "", words = ""] of options) select.append(h("option", { value }, words));
  return { element: h("div", { class: "field" }, h("label", { for: id }, label), select), select };
}
