/**
 * The settings dialog: name, colours, language, notifications, sound; and the keyboard shortcuts.
 *
 * @module
 */
import { checkName, MAX_NAME_LENGTH } from "../../protocol/wire.js";
import { LANGUAGES } from "../logic/i18n.js";
import { makeDialog } from "./dialog.js";
import { emit, h, setText } from "./dom.js";
import { makeRoleBadge } from "./account/role_badge.js";
import { explain } from "./page.js";

/** @typedef {import("./page.js").Page} Page */

/**
 * @param {Page} page
 */
export function mountSettings(page) {
  const { speech, settings, chat, account } = page;
  const name = h("input", {
    id: "settings-name",
    type: "text",
    autocomplete: "nickname",
    maxlength: MAX_NAME_LENGTH * 2,
  });
  const problem = h("p", { class: "problem", role: "alert" });
  const rename = h("button", { type: "submit", class: "secondary" }, speech.say("change_name"));
  const nameForm = h(
    "form",
    { class: "field", novalidate: true },
    h("label", { for: "settings-name" }, speech.say("your_name")),
    h("div", { class: "with-button" }, name, rename),
    problem,
  );
  const role = h("span", { class: "who" });
  const more = h("button", { type: "button", class: "secondary" }, speech.say("account"));
  const theme = choice("theme", speech.say("theme"), {
    system: speech.say("theme_system"),
    light: speech.say("theme_light"),
    dark: speech.say("theme_dark"),
  }, settings.theme);
  const languages = { "": speech.say("language_system"), ...LANGUAGES };
  const language = choice("language", speech.say("language"), languages, settings.language);
  const notify = toggle(speech.say("notify"), settings.notify);
  const notifyNote = h("p", { class: "hint" });
  const sound = toggle(speech.say("sound"), settings.sound);
  const element = makeDialog(
    speech.say("settings"),
    { close: speech.say("close"), class: "settings" },
    nameForm,
    h("div", { class: "with-button" }, role, more),
    theme.element,
    language.element,
    notify.element,
    notifyNote,
    sound.element,
    keys(page),
  );

  more.addEventListener("click", () => {
    element.close();
    emit(element, "open-account");
  });
  nameForm.addEventListener("submit", async (event) => {
    event.preventDefault();
    const checked = checkName(name.value.trim());
    if ("problem" in checked) return setText(problem, explain(speech, "bad_name"));
    setText(problem, "");
    try {
      await chat.rename(checked.name);
      element.close();
    } catch (refused) {
      const code = refused instanceof Error && "code" in refused
        ? String(refused.code)
        : "internal";
      setText(problem, explain(speech, code === "offline" ? "unavailable" : code));
    }
  });
  theme.select.addEventListener(
    "change",
    () => emit(element, "settings", { theme: theme.select.value }),
  );
  language.select.addEventListener(
    "change",
    () => emit(element, "settings", { language: language.select.value }),
  );
  sound.input.addEventListener(
    "change",
    () => emit(element, "settings", { sound: sound.input.checked }),
  );
  notify.input.addEventListener(
    "change",
    () => emit(element, "settings", { notify: notify.input.checked }),
  );

  function update() {
    theme.select.value = page.settings.theme;
    language.select.value = page.settings.language;
    sound.input.checked = page.settings.sound;
    notify.input.checked = page.settings.notify;
    const possible = "Notification" in globalThis && isSecureContext;
    notify.input.disabled = !possible;
    const denied = possible && Notification.permission === "denied";
    setText(
      notifyNote,
      !possible ? speech.say("notify_impossible") : denied ? speech.say("notify_denied") : "",
    );
  }

  function open() {
    name.value = chat.me;
    role.replaceChildren(makeRoleBadge(speech, account.user?.role ?? "guest"));
    setText(problem, "");
    update();
    element.showModal();
  }

  return { element, update, open };
}

/**
 * @param {string} id
 * @param {string} label
 * @param {Record<string, string>} options value → words
 * @param {string} value
 */
function choice(id, label, options, value) {
  const select = h("select", { id: `settings-${id}` });
  for (const [key, words] of Object.entries(options)) {
    select.append(h("option", { value: key }, words));
  }
  select.value = value;
  const element = h("div", { class: "field" }, h("label", { for: select.id }, label), select);
  return { element, select };
}

/**
 * @param {string} label
 * @param {boolean} checked
 */
function toggle(label, checked) {
  const input = h("input", { type: "checkbox", checked });
  return { element: h("label", { class: "toggle" }, input, h("span", {}, label)), input };
}

/** @param {Page} page */
function keys({ speech }) {
  /** @type {[string, import("../logic/i18n.js").MessageKey][]} */
  const known = [
    ["Enter", "key_send"],
    ["Shift+Enter", "key_newline"],
    ["↑", "key_edit"],
    ["Ctrl+K", "key_rooms"],
    ["Ctrl+Shift+F", "key_search"],
    ["Alt+↑ Alt+↓", "key_switch"],
    ["F6", "key_areas"],
    ["R  E  +  Del", "key_message"],
    ["Esc", "key_escape"],
  ];
  const list = h("dl", { class: "keys" });
  for (const [key, words] of known) {
    list.append(h("div", {}, h("dt", {}, h("kbd", {}, key)), h("dd", {}, speech.say(words))));
  }
  return h("details", {}, h("summary", {}, speech.say("keys")), list);
}
