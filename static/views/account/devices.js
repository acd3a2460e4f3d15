/**
 * The user's devices, which are its sessions: lists them, and logs them out.
 *
 * @module
 */
import { describeAgent } from "../../logic/agent.js";
import { h } from "../dom.js";
import { guard, makeProblem } from "../form.js";
import { makeItem, makeSection, whenIs } from "./section.js";

/** @typedef {import("../../../sdk/accounts.js").Device} Device */

/** @param {import("./section.js").Part} part */
export function makeDevicesSection({ page, done }) {
  const { account, speech } = page;
  const { accounts } = account;
  const list = h("ul", { class: "items" });
  const problem = makeProblem(speech);
  const others = h("button", { type: "button", class: "secondary" }, speech.say("end_others"));
  const section = makeSection(
    speech.say("devices"),
    [list, problem.element, others],
    () => fill().catch(problem.show),
  );
  /** @type {Device[]} */
  let devices = [];

  async function fill() {
    devices = await accounts.sessions();
    list.replaceChildren(...devices.map(item));
    others.hidden = devices.every(({ current }) => current);
  }

  /**
   * @param {readonly Device[]} ended
   * @param {string} words
   */
  async function end(ended, words) {
    for (const { id } of ended) await accounts.endSession(id);
    await fill();
    section.summary.focus();
    done(words);
  }

  /** @param {Device} device */
  function item(device) {
    const { agent, ip, seen, current } = device;
    const name = describeAgent(agent) || speech.say("unknown_device");
    if (current) return makeItem(name, speech.say("this_device"), null);
    const button = h("button", { type: "button", class: "secondary" }, speech.say("log_out"));
    button.setAttribute("aria-label", speech.say("end_session", { device: name }));
    const ending = guard(button, problem, () => end([device], speech.say("ended_session")));
    button.addEventListener("click", ending);
    const time = speech.say("device_seen", { time: whenIs(page, seen) });
    return makeItem(name, ip === "" ? time : `${time}${speech.say("separator")}${ip}`, button);
  }

  others.addEventListener(
    "click",
    guard(others, problem, () => {
      return end(devices.filter(({ current }) => !current), speech.say("ended_others"));
    }),
  );
  return section.element;
}
