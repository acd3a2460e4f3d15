/**
 * A dialog that invites people to the room: those that are known are found by a part of their name, others by
 * all of it.
 *
 * @module
 */
import { invite, knownPeople, meetPeople } from "../chat/rooms.js";
import { matchNames } from "../logic/text.js";
import { makeDialog } from "./dialog.js";
import { h, setText } from "./dom.js";
import { explain } from "./page.js";

/** Maximum number of people offered. */
const MOST = 50;

/** @param {import("./page.js").Page} page */
export function mountInviteDialog({ chat, speech }) {
  const input = h("input", { type: "text", autocomplete: "off", spellcheck: "false" });
  input.setAttribute("aria-label", speech.say("find_person"));
  input.placeholder = speech.say("find_person");
  const list = h("ul", { class: "directory" });
  const done = h("p", { class: "hint", role: "status" });
  const form = h("form", { novalidate: true }, input, done, list);
  const element = makeDialog(speech.say("room_invite"), { close: speech.say("close") }, form);
  let drawn = "";

  input.addEventListener("input", update);
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    list.querySelector("button")?.click();
  });
  list.addEventListener("click", async (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    const { user, name = "" } = button?.dataset ?? {};
    if (user === undefined) return;
    const problem = await invite(chat, chat.current, user);
    const isDone = problem === "";
    setText(done, isDone ? speech.say("room_invited", { name }) : explain(speech, problem));
    if (isDone) input.value = "";
    input.focus();
    update();
  });

  /** Those who are not in the room. */
  function candidates() {
    const members = chat.conversation?.members;
    return knownPeople(chat).filter(({ id }) => members?.get(id)?.room_role === undefined);
  }

  function update() {
    if (!element.open) return;
    const wanted = input.value.trim().replace(/^@/, "");
    const people = candidates();
    const found = matchNames(people.map(({ name }) => name), wanted, MOST);
    const offers = found.flatMap((wantedName) => {
      const person = people.find(({ name }) => name === wantedName);
      return person ? [{ user: `@${person.id}`, name: person.name }] : [];
    });
    if (wanted !== "" && !found.includes(wanted)) offers.push({ user: wanted, name: wanted });
    const state = JSON.stringify(offers);
    if (state === drawn) return;
    drawn = state;
    list.replaceChildren(...offers.map(entry));
  }

  /** @param {{ user: string, name: string }} offer */
  function entry({ user, name }) {
    const button = h(
      "button",
      { type: "button", class: "room-entry" },
      h("span", { class: "sign", "aria-hidden": "true" }, "@"),
      h("bdi", {}, name),
      h("span", { class: "note" }, speech.say("invite")),
    );
    button.dataset["user"] = user;
    button.dataset["name"] = name;
    return h("li", {}, button);
  }

  function open() {
    input.value = "";
    drawn = "";
    setText(done, "");
    element.showModal();
    input.focus();
    meetPeople(chat);
    update();
  }

  return { element, update, open };
}
