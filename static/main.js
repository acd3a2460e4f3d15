/**
 * Starts the page: reads the stored settings, loads the language, connects, and updates the views when the
 * model changes.
 *
 * @module
 */
import { LOBBY } from "../protocol/wire.js";
import { systemEnvironment } from "../sdk/environment.js";
import { Chat } from "./chat/chat.js";
import { Memory } from "./chat/memory.js";
import en from "./lang/en.js";
import { pickLanguage, Speech } from "./logic/i18n.js";
import { plainText } from "./logic/markup.js";
import { conversationOf, hashOf } from "./logic/rooms.js";
import { followVerbs, showHash } from "./views/actions.js";
import { mountAnnouncer } from "./views/announcer.js";
import { askToNotify, callForAttention, playSound, updateTitle } from "./views/attention.js";
import { followShortcuts } from "./views/keyboard.js";
import { explain } from "./views/page.js";
import { mountWelcome } from "./views/welcome.js";
import { mountWorkspace } from "./views/workspace.js";

/** @typedef {import("./views/page.js").Page} Page */
/** @typedef {import("./chat/chat.js").ChatEvent} ChatEvent */

/** Countdowns and "is typing" are brought up to date this often, in milliseconds. */
const TICK = 1_000;

/** Storage may be forbidden altogether; then nothing is remembered. */
function openMemory() {
  try {
    return new Memory(localStorage);
  } catch {
    return new Memory(null);
  }
}

const memory = openMemory();
const announcer = mountAnnouncer(systemEnvironment.later);
const chat = new Chat({
  url: `${location.protocol === "https:" ? "wss:" : "ws:"}//${location.host}/ws`,
  memory,
  environment: systemEnvironment,
  request: () => new XMLHttpRequest(),
  onChange: changed,
  onEvent: told,
});
/** @type {Page} */
const page = { chat, speech: new Speech("en", en), settings: memory.settings, now: Date.now };

/** The current view, and how to remove it. @type {{ kind: string, update: () => void, end: () => void } | null} */
let shown = null;
let planned = false;

/** Updates the views before the next frame, or soon if the page is hidden and draws none. */
function changed() {
  if (planned) return;
  planned = true;
  if (document.visibilityState === "visible") requestAnimationFrame(update);
  else setTimeout(update, 50);
}

function update() {
  planned = false;
  const kind = chat.me === "" || chat.loginProblem !== "" ? "welcome" : "workspace";
  if (shown?.kind !== kind) mount(kind);
  shown?.update();
  updateTitle(page);
  const { phase } = chat.connection.state;
  if (phase === "waiting" || (chat.conversation?.typing.size ?? 0) > 0) tick();
}

let ticking = false;

function tick() {
  if (ticking) return;
  ticking = true;
  setTimeout(() => {
    ticking = false;
    changed();
  }, TICK);
}

/** @param {string} kind "welcome" or "workspace" */
function mount(kind) {
  shown?.end();
  document.querySelector(".splash")?.remove();
  const ending = new AbortController();
  const view = kind === "welcome" ? mountWelcomeView() : mountWorkspaceView(ending.signal);
  document.body.prepend(view.element);
  shown = {
    kind,
    update: view.update,
    end: () => {
      ending.abort();
      view.element.remove();
    },
  };
}

function mountWelcomeView() {
  const view = mountWelcome(page);
  view.element.addEventListener("enter", (event) => {
    if (!(event instanceof CustomEvent)) return;
    const { name, key } = event.detail;
    chat.login(name, key);
    location.hash = `#${key}`;
  });
  queueMicrotask(() => view.element.querySelector("input")?.focus());
  return view;
}

/** @param {AbortSignal} signal */
function mountWorkspaceView(signal) {
  const workspace = mountWorkspace(page);
  followVerbs(page, workspace, { note: announcer.note, changeSettings });
  followShortcuts(page, workspace, signal);
  addEventListener("hashchange", () => {
    if (!showHash(page)) return announcer.note(explain(page.speech, "bad_room"));
    if (matchMedia("(pointer: fine)").matches) workspace.composer.focus();
  }, { signal });
  if (matchMedia("(pointer: fine)").matches) queueMicrotask(() => workspace.composer.focus());
  return workspace;
}

/** @param {ChatEvent} event */
function told(event) {
  const { speech } = page;
  if (event.type === "problem") return announcer.note(explain(speech, event.code));
  if (event.type === "system") return announcer.note(event.text);
  const { conversation, message, mention } = event;
  if (conversation.key === chat.current) {
    const words = { name: message.from, text: plainText(message.content).slice(0, 300) };
    announcer.announce(speech.say("announce_message", words));
  }
  const seen = conversation.key === chat.current && chat.attentive;
  if (mention && !seen) callForAttention(page, conversation, message);
}

/** @param {object} change */
async function changeSettings(change) {
  const settings = { ...page.settings, ...change };
  if (settings.notify && !page.settings.notify) settings.notify = await askToNotify();
  if (settings.sound && !page.settings.sound) playSound();
  const { language } = page.settings;
  page.settings = settings;
  memory.settings = settings;
  applyTheme();
  if (settings.language !== language) {
    await speak();
    shown?.end();
    shown = null;
  }
  changed();
}

function applyTheme() {
  document.documentElement.dataset["theme"] = page.settings.theme;
}

/** Loads the reader's language, or falls back to English. */
async function speak() {
  const wanted = page.settings.language || pickLanguage(navigator.languages);
  const code = pickLanguage([wanted]);
  if (code === "en") page.speech = new Speech("en", en);
  else {
    try {
      const { default: messages } = await import(`./lang/${code}.js`);
      page.speech = new Speech(code, messages);
    } catch {
      page.speech = new Speech("en", en);
    }
  }
  document.documentElement.lang = page.speech.code;
}

/** Reacts when the network comes back and when the page is shown, hidden, focused or left. */
function followWorld() {
  addEventListener("online", () => chat.connection.nudge());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") chat.connection.nudge();
    // The frame that a planned update waits for may not come for hours.
    else planned = false;
    changed();
  });
  addEventListener("focus", changed);
  addEventListener("blur", () => chat.setAttentive(false));
}

async function start() {
  applyTheme();
  await speak();
  document.body.append(announcer.element);
  followWorld();
  const linked = conversationOf(location.hash);
  const first = linked?.key ?? (memory.conversations.current || LOBBY);
  if (chat.me !== "") {
    chat.show(first, linked?.name);
    const { conversation } = chat;
    if (conversation) history.replaceState(null, "", hashOf(conversation));
    chat.login(chat.me, first);
  } else {
    chat.current = linked?.key ?? "";
    chat.connection.start();
  }
  update();
}

start();
