/**
 * What stands before the chat: entering as a guest, signing in, or using an invitation.
 *
 * @module
 */
import { LOBBY, MAX_NAME_LENGTH, ROOM_PATTERN } from "../../protocol/wire.js";
import { RefusedError } from "../../sdk/errors.js";
import { conversationOf, roomName } from "../logic/rooms.js";
import { mountInvited } from "./account/invited.js";
import { mountSignIn } from "./account/sign_in.js";
import { h, setText } from "./dom.js";
import { makeField, makeForm, makePassword, readName } from "./form.js";
import { explain } from "./page.js";

/** @typedef {import("./page.js").Page} Page */

/**
 * One way in.
 *
 * @typedef {object} Way
 * @property {string} lead
 * @property {Node[]} children
 * @property {() => HTMLElement | null | undefined} first what has the focus at the beginning
 */

/**
 * @param {Page} page
 * @returns {import("./page.js").View & { focus: () => void }}
 */
export function mountWelcome(page) {
  const { speech, account } = page;
  const lead = h("p", { class: "lead" });
  const notice = h("p", { class: "news" });
  const body = h("div", { class: "welcome-body" });
  const element = h(
    "main",
    { class: "welcome" },
    h(
      "div",
      { class: "welcome-card" },
      h("img", { src: "static/page/icon.svg", alt: "", width: 56, height: 56 }),
      h("h1", {}, "Hubbub"),
      lead,
      notice,
      body,
    ),
  );
  /** The name that was typed, which the next way in takes over. */
  let name = "";
  let wantsSignIn = account.wasMember;
  /** @type {{ kind: string, way: Way } | null} */
  let shown = null;

  function kindOf() {
    if (account.standing === null) return "unreachable";
    if (account.invite !== "" && !wantsSignIn) return "invited";
    return wantsSignIn || account.standing.access === "members" ? "sign-in" : "guest";
  }

  /**
   * @param {boolean} signIn
   * @param {string} [typed]
   */
  function go(signIn, typed = "") {
    wantsSignIn = signIn;
    name = typed;
    account.notice = "";
    update();
    focus();
  }

  /** @param {string} kind @returns {Way} */
  function wayOf(kind) {
    if (kind === "guest") return guestWay(page, name, (typed) => go(true, typed));
    if (kind === "invited") return mountInvited(page, (typed) => go(true, typed));
    if (kind === "sign-in") return mountSignIn(page, name, (typed) => go(false, typed));
    return { lead: speech.say("connecting"), children: [], first: () => null };
  }

  function update() {
    const kind = kindOf();
    if (shown?.kind !== kind) {
      const hadFocus = body.contains(document.activeElement);
      shown = { kind, way: wayOf(kind) };
      body.replaceChildren(...shown.way.children);
      setText(lead, shown.way.lead);
      if (hadFocus) focus();
    }
    const words = account.notice === "" ? "" : speech.say(account.notice);
    setText(notice, kind === "unreachable" ? explain(speech, account.problem) : words);
  }

  function focus() {
    shown?.way.first()?.focus();
  }

  return { element, update, focus };
}

/**
 * @param {Page} page
 * @param {string} typed
 * @param {(name: string) => void} signIn
 * @returns {Way}
 */
function guestWay({ account, speech }, typed, signIn) {
  const name = makeField("welcome-name", speech.say("your_name"), {
    autocomplete: "nickname",
    maxlength: MAX_NAME_LENGTH * 2,
  });
  const room = makeField("welcome-room", speech.say("room"), {
    autocomplete: "off",
    maxlength: 64,
    autocapitalize: "none",
  });
  const shared = account.standing?.password === true
    ? makePassword("welcome-shared", speech.say("shared_password"), "current-password")
    : null;
  name.input.value = typed;
  room.input.value = conversationOf(location.hash)?.key ?? LOBBY;
  const mine = h(
    "button",
    { type: "button", class: "secondary", hidden: true },
    speech.say("sign_in_as_this"),
  );
  const other = h("button", { type: "button", class: "link" }, speech.say("have_account"));

  const form = makeForm(
    speech,
    {
      submit: speech.say("enter"),
      words: { name_taken: "problem_name_held", wrong_password: "problem_shared_password" },
      blame: {
        bad_name: name.input,
        name_taken: name.input,
        bad_room: room.input,
        ...(shared && { wrong_password: shared.input }),
      },
    },
    [name.element, shared?.element ?? null, room.element],
    enter,
  );
  form.problem.element.after(mine);

  async function enter() {
    mine.hidden = true;
    const wanted = readName(name.input);
    const key = roomName(room.input.value) || LOBBY;
    if (!ROOM_PATTERN.test(key) && !key.startsWith("@")) throw new RefusedError("bad_room", "");
    const who = { name: wanted, ...(shared && { password: shared.input.value }) };
    const entering = account.accounts.enter(who);
    entering.then(
      () => history.replaceState(null, "", `#${key}`),
      ({ code }) => mine.hidden = code !== "name_taken",
    );
    await account.enter(entering);
  }

  mine.addEventListener("click", () => signIn(name.input.value));
  other.addEventListener("click", () => signIn(name.input.value));
  return {
    lead: speech.say("welcome"),
    children: [form.element, h("p", { class: "aside" }, other)],
    first: () => name.input,
  };
}
