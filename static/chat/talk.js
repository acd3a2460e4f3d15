/**
 * Saying, editing, deleting, reacting, and telling that one types.
 *
 * @module
 */
import { targetOf } from "../logic/conversation.js";
import { replaceShortcodes } from "../logic/emoji.js";
import { TYPING_EVERY } from "../logic/presence.js";
import { isOwn, mayEdit } from "../logic/rights.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */

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
  const { key, replyTo } = conversation;
  const content = replaceShortcodes(text);
  conversation.replyTo = null;
  typedAt.delete(conversation);
  const isReply = replyTo && targetOf(conversation, replyTo) !== null;
  const reply = isReply ? { replyTo: replyTo.seq } : {};
  // What becomes of it, the queue shows.
  chat.connection.send({ key, type: "user", content, ...reply }).catch(() => {});
}

/**
 * Sends again what the server refused; as no reply, if the message that it answers is gone.
 *
 * @param {Chat} chat
 * @param {string} id
 */
export function sayAgain({ connection, current, queue }, id) {
  const item = queue.of(current).find((candidate) => candidate.id === id);
  if (item?.problem !== "no_such_message") return queue.retry(id);
  const { key, type, content } = item;
  connection.send({ key, type, content }).catch(() => {});
  queue.discard(id);
}

/**
 * Announces an uploaded file.
 *
 * @param {Chat} chat
 * @param {string} key
 * @param {{ id: string, name: string }} file
 */
export function sayFile(chat, key, { id, name }) {
  chat.connection.send({ key, type: "file", content: id, label: name }).catch(() => {});
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
  const question =
    /** @type {const} */ ({ type: "react", room: conversation.key, seq, content: emoji });
  return chat.ask(question, { too_many: "too_many_reactions" });
}

/**
 * Tells the others in the room, no more often than needed.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 */
export function typing(chat, conversation) {
  const now = chat.environment.now();
  if (!chat.isIn(conversation)) return;
  if (now - (typedAt.get(conversation) ?? 0) < TYPING_EVERY) return;
  typedAt.set(conversation, now);
  chat.connection.typing(conversation.key);
}

/**
 * The last message that the reader can edit.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @returns {UserMessage | undefined}
 */
export function lastOwn({ user }, { log }) {
  const last = log.entries.findLast((entry) =>
    entry.kind === "message" && isOwn(user, entry.message) && mayEdit(user, entry.message)
  );
  return last?.kind === "message" ? last.message : undefined;
}
