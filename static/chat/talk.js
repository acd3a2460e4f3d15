/**
 * Saying, editing, deleting, reacting, and telling that one types.
 *
 * @module
 */
import { replaceShortcodes } from "../logic/emoji.js";
import { TYPING_EVERY } from "../logic/presence.js";
import { sameName } from "../logic/names.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */
/** @typedef {import("../logic/types.js").Outgoing} Outgoing */

/** When `typing` was said last, for each conversation. @type {WeakMap<Conversation, number>} */
const typedAt = new WeakMap();

/**
 * Shows a message at once and sends it as soon as the line allows.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {string} text
 */
export function say(chat, conversation, text) {
  /** @type {Outgoing} */
  const item = {
    id: chat.newId(),
    key: conversation.key,
    type: conversation.kind === "direct" ? "direct" : "user",
    content: replaceShortcodes(text),
    time: chat.environment.now(),
    state: "waiting",
  };
  if (conversation.replyTo) item.replyTo = conversation.replyTo.seq;
  conversation.replyTo = null;
  typedAt.delete(conversation);
  chat.outbox.add(item);
  chat.flush();
}

/**
 * Announces an uploaded file.
 *
 * @param {Chat} chat
 * @param {string} key
 * @param {{ id: string, name: string }} file
 */
export function sayFile(chat, key, { id, name }) {
  chat.outbox.add({
    id: chat.newId(),
    key,
    type: "file",
    content: id,
    label: name,
    time: chat.environment.now(),
    state: "waiting",
  });
  chat.flush();
}

/**
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {{ seq: number, text: string }} edit
 * @returns {Promise<boolean>} whether the server took it
 */
export async function edit(chat, conversation, { seq, text }) {
  const content = replaceShortcodes(text);
  const answer = await chat.ask({ type: "edit", room: conversation.key, seq, content });
  return answer !== null;
}

/**
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {number} seq
 */
export function remove(chat, conversation, seq) {
  return chat.ask({ type: "delete", room: conversation.key, seq });
}

/**
 * Reacts, or takes the reaction back.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {{ seq: number, emoji: string }} reaction
 */
export function react(chat, conversation, { seq, emoji }) {
  return chat.ask({ type: "react", room: conversation.key, seq, content: emoji });
}

/**
 * Tells the others in the room, no more often than needed.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 */
export function typing(chat, conversation) {
  const now = chat.environment.now();
  if (conversation.kind === "direct" || !conversation.joined) return;
  if (now - (typedAt.get(conversation) ?? 0) < TYPING_EVERY) return;
  typedAt.set(conversation, now);
  chat.connection.send({ type: "typing", room: conversation.key });
}

/**
 * Whether a message is the reader's own, to edit or delete.
 *
 * @param {Chat} chat
 * @param {UserMessage} message
 */
export function isMine(chat, message) {
  return [chat.me, ...chat.myNames].some((name) => sameName(name, message.from));
}

/**
 * The last message that the reader can edit.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @returns {UserMessage | undefined}
 */
export function lastOwn(chat, { log }) {
  for (let i = log.entries.length - 1; i >= 0; i--) {
    const entry = log.entries[i];
    if (entry?.kind !== "message" || entry.message.deleted || entry.message.type !== "user") {
      continue;
    }
    if (isMine(chat, entry.message)) return entry.message;
  }
  return undefined;
}
