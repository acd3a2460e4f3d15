/**
 * What each message of the server does to the model.
 *
 * @module
 */
import { isTemporary } from "../../sdk/errors.js";
import { lineServed, readUpTo } from "../../sdk/unread.js";
import { changedMembers } from "../logic/conversation.js";
import { mentions, sameName } from "../logic/names.js";
import { count } from "./counting.js";
import { openPage, refresh } from "./history.js";
import { receiveDirect, receiveRename } from "./people.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").ServerMessage} ServerMessage */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */
/** @typedef {import("../logic/types.js").History} History */
/** @typedef {import("../../protocol/messages.ts").Presence} Presence */

/**
 * @param {Chat} chat
 * @param {ServerMessage} message
 */
export function receive(chat, message) {
  apply(chat, message);
  chat.changed();
}

/**
 * @param {Chat} chat
 * @param {ServerMessage} message
 */
function apply(chat, message) {
  switch (message.type) {
    case "handshake":
      chat.epoch = message.epoch;
      return;
    case "login":
    case "logout":
      return receivePresence(chat, message);
    case "user":
    case "file":
      return receiveMessage(chat, message, true);
    case "direct":
      return receiveDirect(chat, message);
    case "rename":
      return receiveRename(chat, message);
    case "history":
      return receiveReplay(chat, message);
    case "error":
      // What passes by itself is not worth a word.
      return isTemporary(message.code)
        ? undefined
        : chat.tell({ type: "problem", code: message.code });
    case "system":
      chat.conversation?.log.noteSystem(message.content, chat.environment.now());
      return chat.tell({ type: "system", text: message.content });
    default:
      return receiveDetail(chat, message);
  }
}

/**
 * What changes something inside a conversation.
 *
 * @param {Chat} chat
 * @param {ServerMessage} message
 */
function receiveDetail(chat, message) {
  const conversation = "room" in message ? chat.conversations.get(message.room) : undefined;
  if (!conversation) return;
  const { log } = conversation;
  switch (message.type) {
    case "edit":
      return log.replace(message.seq, (old) => ({
        ...old,
        content: message.content,
        edited: message.time,
      }));
    case "delete":
      return log.replace(message.seq, deleted);
    case "react":
      return log.replace(message.seq, (old) => ({ ...old, reactions: message.reactions }));
    case "typing":
      conversation.typing.set(message.from, chat.environment.now());
      return;
  }
}

/**
 * @param {UserMessage} message
 * @returns {UserMessage}
 */
function deleted({ file: _file, reactions: _reactions, ...rest }) {
  return { ...rest, type: "user", content: "", deleted: true };
}

/**
 * @param {Chat} chat
 * @param {Presence} presence
 */
function receivePresence(chat, presence) {
  const conversation = chat.conversations.get(presence.room);
  if (!conversation) return;
  const { from, type } = presence;
  const entered = type === "login";
  conversation.memberCount = presence.user_count;
  conversation.members = presence.user_list ??
    changedMembers(conversation.members, entered ? { add: from } : { remove: from });
  conversation.typing.delete(from);
  if (sameName(from, chat.me)) return receiveOwnPresence(chat, conversation, entered);
  const what = entered ? "joined" : "left";
  conversation.log.notePresence({ what, name: from }, chat.environment.now());
}

/**
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {boolean} entered
 */
function receiveOwnPresence(chat, conversation, entered) {
  conversation.joined = entered;
  if (!entered || conversation.key !== chat.current) return;
  openPage(chat, conversation);
  refresh(chat, conversation);
}

/**
 * @param {Chat} chat
 * @param {UserMessage} message
 * @param {boolean} live whether it is said now, not read back after a break
 */
function receiveMessage(chat, message, live) {
  const conversation = chat.conversations.get(message.room);
  if (!conversation) return;
  conversation.typing.delete(message.from);
  const mine = sameName(message.from, chat.me);
  const outcome = conversation.log.receive(message);
  if (outcome === "known") return;
  if (outcome === "gap") receiveBehindGap(conversation, message);
  if (mine) {
    conversation.unread = lineServed(readUpTo(message.seq));
    chat.remember();
  } else {
    count(chat, conversation, message, live);
  }
}

/**
 * The client fills gaps by itself. Left are those that cannot be filled, and a room whose newest page
 * the server could not read.
 *
 * @param {Conversation} conversation
 * @param {UserMessage} message
 */
function receiveBehindGap({ log }, message) {
  if (log.last > 0) log.live = message.seq;
  else {
    log.startAfter(message.seq - 1);
    log.receive(message);
  }
}

/**
 * The newest page on a first visit; else what was missed while the connection was broken.
 *
 * @param {Chat} chat
 * @param {History} history
 */
function receiveReplay(chat, { room, messages, last, first, complete }) {
  const conversation = chat.conversations.get(room);
  if (!conversation) return;
  const { log } = conversation;
  if (log.live < 0) return openFirst(chat, conversation, { messages, last, first });
  if (complete) {
    for (const message of messages) receiveMessage(chat, message, false);
    return;
  }
  const missed = messages.filter(({ seq }) => seq > conversation.unread.read);
  const reading = !chat.attentive && log.entries.length > 0 && last > log.last;
  // Somebody who reads further up stays there; the newest page comes when they return.
  if (reading) log.live = last;
  else log.open(messages, { live: last, atStart: first <= 1 });
  const others = missed.filter(({ from }) => !sameName(from, chat.me));
  conversation.unread = {
    read: conversation.unread.read,
    count: Math.max(0, last - conversation.unread.read - (missed.length - others.length)),
    mentions: others.filter(({ content }) => mentions(content, chat.me)).length,
    line: conversation.unread.line || conversation.unread.read + 1,
  };
}

/**
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {Pick<History, "messages" | "last" | "first">} page the newest one
 */
function openFirst(chat, conversation, { messages, last, first }) {
  const { log, unread } = conversation;
  log.open(messages, { live: last, atStart: first <= 1 });
  if (unread.read === 0) conversation.unread = readUpTo(log.live);
  chat.remember();
  if (conversation.key === chat.current) openPage(chat, conversation);
}
