/**
 * Shows that the connection is lost and what happens next. Hidden while online.
 *
 * @module
 */
import { emit, h, setAttributes, setText } from "./dom.js";

/** @type {Readonly<Record<number, import("../logic/i18n.js").MessageKey>>} */
const REASONS = {
  1008: "closed_policy",
  4502: "closed_idle",
  4504: "closed_token",
  4505: "closed_kicked",
};

/**
 * @param {import("./page.js").Page} page
 * @returns {import("./page.js").View}
 */
export function mountConnectionBanner(page) {
  const { speech, chat } = page;
  // Screen readers must not announce the countdown every second.
  const text = h("span", { "aria-hidden": "true" });
  const spoken = h("span", { class: "hidden-text", role: "status" });
  const again = h("button", { type: "button", class: "link" }, speech.say("try_now"));
  const element = h("div", { class: "connection", hidden: true }, text, spoken, again);
  again.addEventListener("click", () => emit(element, "reconnect"));

  function words() {
    const { phase, retryAt, code } = chat.connection.state;
    if (phase === "stopped") return speech.say(REASONS[code] ?? "closed_other");
    if (phase !== "waiting") return speech.say("connecting");
    const count = Math.max(1, Math.ceil((retryAt - page.now()) / 1000));
    return speech.say("waiting", { count });
  }

  function update() {
    const { phase } = chat.connection.state;
    element.hidden = phase === "online" || phase === "idle";
    setAttributes(element, { "data-phase": phase });
    setText(text, words());
    setText(spoken, phase === "waiting" ? speech.say("offline_note") : words());
    again.hidden = phase !== "waiting" && phase !== "stopped";
  }

  return { element, update };
}
