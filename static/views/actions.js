/**
 * Handles the verbs that bubble up from the views: one entry of a table for each.
 *
 * @module
 */
import { loadAround, loadNewer, loadOlder, loadQuoted, returnToPresent } from "../chat/history.js";
import { leave } from "../chat/rooms.js";
import { edit, react, remove, say, sayAgain, typing } from "../chat/talk.js";
import { asTarget, targetOf } from "../logic/conversation.js";
import { mayDelete, mayEdit } from "../logic/rights.js";
import { conversationOf, hashOf } from "../logic/rooms.js";
import { emit } from "./dom.js";

/** @typedef {import("./page.js").Page} Page */
/** @typedef {ReturnType<typeof import("./workspace.js").mountWorkspace>} Workspace */
/** @typedef {(detail: any) => unknown} Action the type of a verb's detail depends on the view */

/**
 * Handles every verb of the workspace.
 *
 * @param {Page} page
 * @param {Workspace} workspace
 * @param {{ note: (text: string) => void, changeSettings: (change: object) => void }} app
 */
export function followVerbs(page, workspace, app) {
  const actions = {
    ...navigation(page, workspace, app),
    ...reading(page, workspace),
    ...writing(page, workspace, app),
  };
  for (const [verb, action] of Object.entries(actions)) {
    workspace.element.addEventListener(verb, (event) => {
      if (event instanceof CustomEvent) action(event.detail);
    });
  }
  workspace.log.element.addEventListener("click", (event) => {
    const target = event.target instanceof Element ? event.target.closest("[data-verb]") : null;
    if (target instanceof HTMLElement) clicked(target, page, workspace, app.note);
  });
}

/**
 * @param {Page} page
 * @param {Workspace} workspace
 * @param {{ note: (text: string) => void, changeSettings: (change: object) => void }} app
 * @returns {Record<string, Action>}
 */
function navigation({ chat, speech }, workspace, { note, changeSettings }) {
  /**
   * @param {string} key
   * @param {string} [name] of a person whose id is known
   */
  function go(key, name) {
    if (name === undefined) chat.goTo(key);
    else chat.show(key, name);
    workspace.closeDrawers();
    if (chat.current === key) location.hash = hashOf({ key });
    if (matchMedia("(pointer: fine)").matches) workspace.composer.focus();
  }

  return {
    "open-drawer": () => workspace.setDrawer(true),
    "close-drawer": () => workspace.closeDrawers(),
    "toggle-side": (side) => workspace.toggleSide(side),
    "browse-rooms": () => workspace.rooms.open(),
    "find-rooms": (content) => chat.directory.find(chat, content),
    "more-rooms": () => chat.directory.more(chat),
    "open-settings": () => workspace.settings.open(),
    "settings": changeSettings,
    "open-conversation": ({ key }) => go(key),
    "open-direct": ({ id, name }) => go(`@${id}`, name),
    "create-room": ({ key }) => workspace.createRoom.open(key),
    "edit-topic": () => workspace.topic.open(),
    "invite-people": () => workspace.invite.open(),
    "manage-member": ({ id }) => workspace.member.open(id),
    "leave": (key) => leave(chat, key),
    "copy-link": async () => {
      const { conversation } = chat;
      if (!conversation) return;
      const copied = await copy(new URL(hashOf(conversation), location.href).href);
      note(speech.say(copied ? "link_copied" : "copy_failed"));
    },
    "reconnect": () => {
      if (chat.connection.state.phase === "stopped") chat.connection.start();
      else chat.connection.nudge();
    },
  };
}

/**
 * @param {Page} page
 * @param {Workspace} workspace
 * @returns {Record<string, Action>}
 */
function reading({ chat }, workspace) {
  /** @param {(chat: import("../chat/chat.js").Chat, conversation: import("../chat/chat.js").Conversation) => unknown} run */
  const here = (run) => () => {
    if (chat.conversation) run(chat, chat.conversation);
  };
  return {
    "need-older": here(loadOlder),
    "need-newer": here(loadNewer),
    "need-quoted": (seq) => chat.conversation && loadQuoted(chat, chat.conversation, seq),
    "return-to-present": here(async (_, conversation) => {
      await returnToPresent(chat, conversation);
      workspace.log.toEnd();
    }),
    "attention": (atEnd) => {
      chat.setAttentive(atEnd && document.visibilityState === "visible" && document.hasFocus());
    },
    "jump": async ({ room, seq }) => {
      if (room !== chat.current) {
        location.hash = hashOf({ key: room });
        chat.show(room);
      }
      if (innerWidth < 1100) workspace.closeDrawers();
      const { conversation } = chat;
      if (conversation && await loadAround(chat, conversation, seq)) workspace.log.jumpTo(seq);
    },
  };
}

/**
 * @param {Page} page
 * @param {Workspace} workspace
 * @param {{ note: (text: string) => void }} app
 * @returns {Record<string, Action>}
 */
function writing({ chat, speech }, workspace, { note }) {
  return {
    "say": async ({ key, text }) => {
      const conversation = chat.conversations.get(key);
      if (!conversation) return;
      say(chat, conversation, text);
      workspace.log.toEnd();
      if (!conversation.log.atEnd) await returnToPresent(chat, conversation);
    },
    "typing": () => chat.conversation && typing(chat, chat.conversation),
    "save-edit": async (change) => {
      const { conversation } = chat;
      if (!conversation || await edit(chat, conversation, change)) return;
      // The text is not lost: it is put back into the composer.
      chat.memory.saveDraft(conversation.key, change.text);
      workspace.composer.restore();
      note(speech.say("edit_failed"));
    },
    "not-loaded": () => note(speech.say("problem_offline")),
    "edit-gone": () => note(speech.say("edit_gone")),
    "message-verb": (detail) => messageVerb(detail, chat, workspace),
    "pick-emoji": ({ insert }) => workspace.picker.open(insert),
    "focus-composer": () => workspace.composer.focus(),
    "files": (files) => chat.uploads.add(chat.current, files),
    "cancel-upload": (id) => chat.uploads.cancel(id),
    "retry-upload": (id) => chat.uploads.retry(id),
  };
}

/**
 * @param {{ verb: string, seq: number, emoji?: string }} detail
 * @param {import("../chat/chat.js").Chat} chat
 * @param {Workspace} workspace
 */
function messageVerb({ verb, seq, emoji }, chat, workspace) {
  const { conversation } = chat;
  const message = conversation?.log.find(seq);
  if (!conversation || !message || message.deleted) return;
  /** @param {() => unknown} act unless it is deleted while the reader decides */
  const later = (act) => targetOf(conversation, message) !== null && act();
  if (verb === "react" && emoji) react(chat, conversation, { seq, emoji });
  if (verb === "pick-reaction") {
    workspace.picker.open((picked) =>
      later(() => react(chat, conversation, { seq, emoji: picked }))
    );
  }
  if (verb === "reply") {
    conversation.editing = null;
    conversation.replyTo = asTarget(message);
    chat.changed();
    workspace.composer.focus();
  }
  if (verb === "delete" && mayDelete(chat.user, conversation, message)) {
    workspace.confirmDelete(() => later(() => remove(chat, conversation, seq)));
  }
  if (verb === "edit" && mayEdit(chat.user, message)) {
    conversation.replyTo = null;
    conversation.editing = asTarget(message);
    chat.changed();
  }
}

/**
 * Handles a click on an element of the log with a `data-verb`.
 *
 * @param {HTMLElement} target
 * @param {Page} page
 * @param {Workspace} workspace
 * @param {(text: string) => void} note
 */
async function clicked(target, { chat, speech }, workspace, note) {
  const { verb, seq, emoji, id = "", name = "" } = target.dataset;
  const { conversation } = chat;
  if (!conversation) return;
  if (verb === "react" && emoji) react(chat, conversation, { seq: Number(seq), emoji });
  if (verb === "retry") sayAgain(chat, id);
  if (verb === "discard") chat.queue.discard(id);
  if (verb === "person") emit(target, "open-direct", { id: target.dataset["id"], name });
  if (verb === "jump") emit(target, "jump", { room: chat.current, seq: Number(seq) });
  if (verb === "view") workspace.viewer.open(Number(target.closest("article")?.dataset["seq"]));
  if (verb === "copy") {
    const text = chat.queue.of(chat.current).find((item) => item.id === id)?.content ?? "";
    note(speech.say(await copy(text) ? "copied" : "copy_failed"));
  }
}

/**
 * Copies text to the clipboard. Outside of secure contexts the Clipboard API does not exist.
 *
 * @param {string} text
 */
async function copy(text) {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement("textarea");
    area.value = text;
    document.body.append(area);
    area.select();
    const copied = document.execCommand("copy");
    area.remove();
    return copied;
  }
}

/**
 * Shows the conversation of the URL fragment.
 *
 * @param {Page} page
 * @returns {boolean} whether there is one
 */
export function showHash({ chat }) {
  const wanted = conversationOf(location.hash);
  if (!wanted) return false;
  if (wanted.key !== chat.current) chat.goTo(wanted.key);
  return true;
}
