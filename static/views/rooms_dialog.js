/**
 * A dialog with the rooms of the server and the people in them: find and enter a room, write to somebody, or
 * make a room.
 *
 * @module
 */
import { ROOM_PATTERN } from "../../protocol/wire.js";
import { knownPeople, meetPeople } from "../chat/rooms.js";
import { roomName } from "../logic/rooms.js";
import { matchNames } from "../logic/text.js";
import { makeDialog } from "./dialog.js";
import { emit, h } from "./dom.js";
import { markSign } from "./sign.js";

/** Delay between the last keystroke and the question, in milliseconds. */
const PAUSE = 250;

/** The next page is asked for when less than this is left below the view, in pixels. */
const NEAR_END = 400;

/** Maximum number of people listed. */
const PEOPLE = 20;

/** @typedef {{ verb: string, key: string, name: string, note: string, sign: Parameters<typeof markSign>[1] }} Offer */

/**
 * @param {import("./page.js").Page} page
 */
export function mountRoomsDialog(page) {
  const { speech, chat } = page;
  const input = h("input", {
    type: "text",
    autocomplete: "off",
    spellcheck: "false",
    maxlength: 65,
  });
  input.setAttribute("aria-label", speech.say("find_or_create"));
  input.placeholder = speech.say("find_or_create");
  input.setAttribute("autocapitalize", "none");
  const list = h("ul", { class: "directory" });
  const create = h("button", { type: "button", class: "browse" }, speech.say("create_room"));
  const form = h("form", { novalidate: true }, input, list, create);
  const element = makeDialog(speech.say("browse_rooms"), { close: speech.say("close") }, form);

  let drawn = "";
  let cancel = () => {};

  input.addEventListener("input", () => {
    cancel();
    cancel = chat.environment.later(find, PAUSE);
    update();
  });
  list.addEventListener("scroll", () => {
    const rest = list.scrollHeight - list.scrollTop - list.clientHeight;
    if (rest < NEAR_END) emit(element, "more-rooms");
  }, { passive: true });
  create.addEventListener("click", () => {
    element.close();
    emit(element, "create-room", { key: roomName(input.value) });
  });
  form.addEventListener("submit", (event) => {
    event.preventDefault();
    const first = list.querySelector("button");
    if (first) first.click();
  });
  list.addEventListener("click", (event) => {
    const button = event.target instanceof Element ? event.target.closest("button") : null;
    if (!button) return;
    const { verb = "", key, name } = button.dataset;
    element.close();
    emit(element, verb, { key, name });
  });

  /** Asks for the rooms that fit what is typed; until they come, those that are known are shown. */
  function find() {
    emit(element, "find-rooms", roomName(input.value));
  }

  function update() {
    if (!element.open) return;
    const typed = input.value.trim();
    const wanted = roomName(typed);
    const offers = [...rooms(wanted), ...people(typed)];
    const isValid = ROOM_PATTERN.test(wanted);
    if (isValid && !chat.directory.rooms.some(({ room }) => room === wanted)) {
      offers.push(make(wanted));
    }
    const name = typed.replace(/^@/, "");
    if (
      name !== "" && !offers.some((offer) => offer.name === name && offer.sign.kind === "direct")
    ) {
      offers.push(toPerson({ key: `@${name}`, name, note: speech.say("look_for_person") }));
    }
    const state = JSON.stringify(offers);
    if (state === drawn) return;
    drawn = state;
    create.hidden = offers.some(({ verb }) => verb === "create-room");
    list.replaceChildren(...offers.map(entry));
  }

  /**
   * @param {string} wanted a part of a room's name
   * @returns {Offer[]} the room of exactly this name first, then by name
   */
  function rooms(wanted) {
    const found = chat.directory.rooms.filter(({ room }) => room.includes(wanted));
    found.sort((a, b) => Number(b.room === wanted) - Number(a.room === wanted));
    return found.map(({ room, user_count: count, topic = "", private: own }) => ({
      verb: "open-conversation",
      key: room,
      name: room,
      note: topic || speech.say("people_here", { count }),
      sign: { kind: "room", isPrivate: own === true, online: false },
    }));
  }

  /**
   * @param {string} typed a part of somebody's name
   * @returns {Offer[]}
   */
  function people(typed) {
    if (typed === "") return [];
    const known = knownPeople(chat);
    const names = new Set(
      matchNames(known.map(({ name }) => name), typed.replace(/^@/, ""), PEOPLE),
    );
    return known.filter(({ name }) => names.has(name)).map(({ id, name, online }) =>
      toPerson({ key: `@${id}`, name, note: speech.say("write_to_person"), online })
    );
  }

  /**
   * @param {{ key: string, name: string, note: string, online?: boolean }} person
   * @returns {Offer}
   */
  function toPerson({ online = false, ...person }) {
    const sign = /** @type {const} */ ({ kind: "direct", isPrivate: false, online });
    return { verb: "open-conversation", sign, ...person };
  }

  /**
   * @param {string} room
   * @returns {Offer}
   */
  function make(room) {
    const sign = /** @type {const} */ ({ kind: "room", isPrivate: false, online: false });
    return { verb: "create-room", key: room, name: room, note: speech.say("create_room"), sign };
  }

  /** @param {Offer} offer */
  function entry({ verb, key, name, note, sign: { kind, isPrivate, online } }) {
    const sign = h("span", { class: "sign", "aria-hidden": "true" });
    const meaning = markSign(sign, { kind, isPrivate, online });
    const button = h(
      "button",
      { type: "button", class: "room-entry", "data-verb": verb },
      sign,
      h("bdi", {}, name),
      meaning && h("span", { class: "hidden-text" }, ` ${speech.say(meaning)} `),
      h("span", { class: "note" }, note),
    );
    Object.assign(button.dataset, { key, name });
    return h("li", {}, button);
  }

  function open() {
    input.value = "";
    drawn = "";
    element.showModal();
    input.focus();
    update();
    find();
    meetPeople(chat);
  }

  return { element, update, open };
}
