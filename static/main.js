/**
 * Starts the page: takes secrets out of the address, asks who uses it, loads the language, connects, and
 * updates the views when the model changes.
 *
 * @module
 */
import { LOBBY } from "../protocol/wire.js";
import { Accounts } from "../sdk/accounts.js";
import { systemEnvironment } from "../sdk/environment.js";
import { Account, broughtBy } from "./chat/account.js";
import { Chat } from "./chat/chat.js";
import { Memory, OWNER, ownerOf } from "./chat/memory.js";
import en from "./lang/en.js";
import { loadSpeech } from "./lang/load.js";
import { Speech } from "./logic/i18n.js";
import { plainText } from "./logic/markup.js";
import { conversationOf, hashOf } from "./logic/rooms.js";
import { followAccount } from "./views/account/verbs.js";
import { followVerbs, showHash } from "./views/actions.js";
import { mountAnnouncer } from "./views/announcer.js";
import {
  askToNotify,
  callForAttention,
  playSound,
  reviseNotices,
  updateTitle,
} from "./views/attention.js";
import { followShortcuts } from "./views/keyboard.js";
import { explain } from "./views/page.js";
import { mountWelcome } from "./views/welcome.js";
import { mountWorkspace } from "./views/workspace.js";

/** @typedef {import("../protocol/messages.ts").User} User */
/** @typedef {import("../protocol/messages.ts").UserMessage} UserMessage */
/** @typedef {import("./views/page.js").Page} Page */
/** @typedef {import("./chat/chat.js").ChatEvent} ChatEvent */

/** Countdowns and "is typing" are brought up to date this often, in milliseconds. */
const TICK = 1_000;

/** Storage may be forbidden altogether; then nothing is remembered. */
function openStorage() {
  try {
    return globalThis.localStorage;
  } catch {
    return null;
  }
}

const storage = openStorage();
const announcer = mountAnnouncer(systemEnvironment.later);
const account = new Account({
  accounts: new Accounts(location.href),
  later: systemEnvironment.later,
  onChange: changed,
  onUser: usedBy,
});
let memory = new Memory(storage, ownerOf(storage));
/** @type {Page} */
const page = {
  account,
  chat: openChat(null, new Memory(null, "")),
  speech: new Speech("en", en),
  settings: memory.settings,
  now: Date.now,
};

/**
 * @param {User | null} user null: nobody, whose chat is never connected
 * @param {Memory} memory
 */
function openChat(user, memory) {
  /** @type {Chat} */
  const chat = new Chat({
    user: user ?? { id: "", name: "", role: "guest" },
    url: location.href,
    memory,
    environment: systemEnvironment,
    request: () => new XMLHttpRequest(),
    onChange: changed,
    onEvent: told,
    onEnded: () => {
      if (chat === page.chat) account.ended();
    },
  });
  chat.connection.on("status", ({ phase, attempt }) => {
    // A WebSocket does not tell whether it was refused because the cookie opens nothing any more.
    if (chat === page.chat && phase === "waiting" && attempt > 1) void account.refresh();
  });
  return chat;
}

/**
 * Everything that was somebody else's goes, and the page begins anew.
 *
 * @param {User | null} user
 */
async function usedBy(user) {
  if (user && user.id === page.chat.user.id) {
    page.chat.role = user.role;
    return changed();
  }
  settling++;
  unmount();
  void page.chat.close();
  announcer.clear();
  // The address may tell whom somebody has talked with.
  if (page.chat.user.id !== "") history.replaceState(null, "", location.pathname);
  if (!user) memory.forget();
  memory = user ? new Memory(storage, user.id) : new Memory(null, "");
  page.chat = openChat(user, memory);
  page.settings = memory.settings;
  applyTheme();
  await speak();
  settling--;
  if (user && account.user?.id === user.id) openFirst();
  changed();
}

/** Shows the conversation of the address, or that of the last visit. */
function openFirst() {
  const { chat } = page;
  const linked = conversationOf(location.hash);
  chat.open(linked?.key ?? (memory.conversations.current || LOBBY));
  if (!linked && chat.conversation) history.replaceState(null, "", hashOf(chat.conversation));
}

/** The current view, and how to remove it. @type {{ kind: string, update: () => void, end: () => void } | null} */
let shown = null;
let planned = false;
/** How many changes of the user are being made; no view fits meanwhile. */
let settling = 0;

/** Updates the views before the next frame, or soon if the page is hidden and draws none. */
function changed() {
  if (planned) return;
  planned = true;
  if (document.visibilityState === "visible") requestAnimationFrame(update);
  else setTimeout(update, 50);
}

function update() {
  planned = false;
  if (settling > 0) return;
  const { chat } = page;
  const isKnown = account.standing !== null || account.problem !== "";
  const kind = account.user && account.invite === "" ? "workspace" : isKnown ? "welcome" : "";
  if (kind !== "" && shown?.kind !== kind) mount(kind);
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
  unmount();
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

function unmount() {
  shown?.end();
  shown = null;
}

function mountWelcomeView() {
  const view = mountWelcome(page);
  queueMicrotask(() => view.focus());
  if (account.notice !== "") announcer.announce(page.speech.say(account.notice));
  return view;
}

/** @param {AbortSignal} signal */
function mountWorkspaceView(signal) {
  const workspace = mountWorkspace(page);
  followVerbs(page, workspace, { note: announcer.note, changeSettings });
  followShortcuts(page, workspace, signal);
  followAccount(page, workspace.element);
  addEventListener("hashchange", () => {
    if (!showHash(page)) return announcer.note(explain(page.speech, "bad_room"));
    if (matchMedia("(pointer: fine)").matches) workspace.composer.focus();
  }, { signal });
  if (matchMedia("(pointer: fine)").matches) queueMicrotask(() => workspace.composer.focus());
  return workspace;
}

/** @param {ChatEvent} event */
function told(event) {
  const { chat, speech } = page;
  if (event.type === "revised") return revised(event);
  if (event.type === "problem") return announcer.note(explain(speech, event.code));
  if (event.type === "system") return announcer.note(event.text);
  if (event.type !== "said") {
    return announcer.note(speech.say(`told_${event.type}`, { name: event.by, room: event.room }));
  }
  const { conversation, message, mention } = event;
  if (conversation.key === chat.current) announcer.announce(spoken(message), message);
  const seen = conversation.key === chat.current && chat.attentive;
  if (mention && !seen) callForAttention(page, conversation, message);
}

/** @param {UserMessage} message */
function spoken({ from: name, content }) {
  return page.speech.say("announce_message", { name, text: plainText(content).slice(0, 300) });
}

/** @param {ChatEvent & { type: "revised" }} event */
function revised({ room, seq, change }) {
  const isMeant = (/** @type {UserMessage} */ message) =>
    message.room === room && (seq === "all" || message.seq === seq);
  const revise = (/** @type {UserMessage} */ message) =>
    isMeant(message) ? change(message) : message;
  announcer.revise(revise, spoken);
  reviseNotices(revise);
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
    unmount();
  }
  changed();
}

function applyTheme() {
  document.documentElement.dataset["theme"] = page.settings.theme;
}

async function speak() {
  page.speech = await loadSpeech(page.settings.language);
  document.documentElement.lang = page.speech.code;
}

/** Reacts when the network comes back and when the page is shown, hidden, focused or left. */
function followWorld() {
  addEventListener("hashchange", (event) => {
    if (takeAddress()) event.stopImmediatePropagation();
  });
  addEventListener("storage", (event) => {
    if (!(event instanceof StorageEvent) || event.key !== OWNER) return;
    // Somebody has signed in in another tab.
    if (event.newValue && !account.user) void account.refresh();
  });
  addEventListener("online", () => page.chat.connection.nudge());
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") page.chat.connection.nudge();
    // The frame that a planned update waits for may not come for hours.
    else planned = false;
    changed();
  });
  addEventListener("focus", changed);
  addEventListener("blur", () => page.chat.setAttentive(false));
}

/**
 * Takes out of the address, and of the browser's history, what must not stay there.
 *
 * @returns {boolean} whether there was something
 */
function takeAddress() {
  const brought = broughtBy(location.hash);
  if (!brought) return false;
  history.replaceState(null, "", location.pathname + location.search);
  if (brought.invite) account.takeInvite(brought.invite);
  if (brought.notice) account.notice = brought.notice;
  return true;
}

async function start() {
  takeAddress();
  const { notice } = account;
  applyTheme();
  await speak();
  document.body.append(announcer.element);
  followWorld();
  await account.start();
  if (notice !== "" && account.user) announcer.note(page.speech.say(notice));
}

start();
