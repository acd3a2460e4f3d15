/**
 * Direct messages, and people who take new names.
 *
 * @module
 */
import { readUpTo } from "../../sdk/unread.js";
import { changedMembers, directKey } from "../logic/conversation.js";
import { sameName } from "../logic/names.js";
import { count } from "./counting.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */
/** @typedef {import("../../protocol/messages.ts").Rename} Rename */
/** @typedef {import("../../protocol/messages.ts").Direct} Direct */

/**
 * The server keeps no direct messages, so they get numbers of our own, and a resend whose first
 * answer was lost is known by its id.
 *
 * @param {Chat} chat
 * @param {Direct} direct
 */
export function receiveDirect(chat, { from, to, content, time, id }) {
  const mine = sameName(from, chat.me);
  const other = mine ? to : from;
  const key = directKey(other);
  const conversation = chat.conversations.get(key) ?? chat.add(key, other);
  conversation.name = other;
  if (id !== undefined && holds(conversation, from, id)) return;
  const seq = conversation.log.live + 1;
  /** @type {UserMessage} */
  const message = { type: "user", room: key, from, content, time, seq };
  if (id !== undefined) message.id = id;
  conversation.log.receive(message);
  chat.memory.saveDirect(key, [...messagesOf(conversation)]);
  if (mine) conversation.unread = readUpTo(seq);
  else count(chat, conversation, message, true);
  chat.remember();
}

/**
 * @param {Conversation} conversation
 * @param {string} from
 * @param {string} id
 */
function holds(conversation, from, id) {
  return messagesOf(conversation).some((said) => said.id === id && sameName(said.from, from));
}

/** @param {Conversation} conversation */
function messagesOf({ log }) {
  return log.entries.flatMap((entry) => entry.kind === "message" ? [entry.message] : []);
}

/**
 * @param {Chat} chat
 * @param {Rename} rename
 */
export function receiveRename(chat, { room, from, content, user_list }) {
  // The client has taken over its new name already.
  if (content === chat.me) chat.noteIdentity();
  followRename(chat, from, content);
  const conversation = chat.conversations.get(room);
  if (!conversation) return;
  conversation.members = user_list ??
    changedMembers(conversation.members, { remove: from, add: content });
  conversation.typing.delete(from);
  const change = /** @type {const} */ ({ what: "renamed", name: from, to: content });
  conversation.log.notePresence(change, chat.environment.now());
}

/**
 * A direct conversation goes on under the other person's new name.
 *
 * @param {Chat} chat
 * @param {string} from
 * @param {string} to
 */
function followRename(chat, from, to) {
  const [oldKey, newKey] = [directKey(from), directKey(to)];
  const conversation = chat.conversations.get(oldKey);
  if (!conversation) return;
  if (oldKey !== newKey) {
    if (chat.conversations.has(newKey)) return;
    chat.memory.saveDirect(newKey, messagesOf(conversation));
    chat.conversations.delete(oldKey);
    chat.conversations.set(newKey, conversation);
    if (chat.current === oldKey) chat.current = newKey;
  }
  conversation.key = newKey;
  conversation.name = to;
  chat.remember();
}
