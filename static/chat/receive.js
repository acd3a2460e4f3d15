/**
 * What each message of the server does to the model.
 *
 * @module
 */
import { applyChange } from "../../sdk/changes.js";
import { isTemporary } from "../../sdk/errors.js";
import { mentions } from "../logic/names.js";
import { isOwn } from "../logic/rights.js";
import { openPage } from "./history.js";
import { follow, receivePresence, receiveRename } from "./people.js";
import {
  askRoom,
  receiveCreate,
  receiveMembership,
  receiveRole,
  receiveTopic,
  syncRooms,
} from "./rooms.js";

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
      return message.by === chat.user.id
        ? receiveOwnPresence(chat, message)
        : receivePresence(chat, message);
    case "user":
    case "file":
      return receiveMessage(chat, message, true);
    case "edit":
    case "delete":
    case "react":
      return chat.revise(
        message.room,
        message.seq,
        (old) => applyChange(old, message, chat.user.id),
      );
    case "rename":
      return receiveRename(chat, message);
    case "create":
      return receiveCreate(chat, message);
    case "invite":
    case "remove":
      return receiveMembership(chat, message);
    case "topic":
      return receiveTopic(chat, message);
    case "role":
      return receiveRole(chat, message);
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
  switch (message.type) {
    case "read":
      // Read on another device: nothing is new there any more.
      return conversation.key === chat.current ? undefined : chat.turnAway(conversation);
    case "typing":
      follow(chat, message.by, true);
      if (message.by !== chat.user.id) {
        conversation.typing.set(message.by, chat.environment.now());
      }
      return;
  }
}

/**
 * @param {Chat} chat
 * @param {Presence} presence my own, on this connection
 */
function receiveOwnPresence(chat, { type, room, user, user_count, user_list = [], rooms = [] }) {
  // The answer to the login.
  if (user) syncRooms(chat, rooms);
  // I have left it, here or on another device.
  if (type === "logout") return chat.drop(room);
  const other = user_list.find((name) => name !== chat.me);
  const conversation = chat.conversations.get(room) ?? chat.add(room, other);
  conversation.joined = true;
  conversation.memberCount = user_count;
  conversation.membersStale = true;
  void askRoom(chat, conversation);
  if (room === chat.current) chat.look();
}

/**
 * @param {Chat} chat
 * @param {UserMessage} message
 * @param {boolean} live whether it is said now, not read back after a break
 */
function receiveMessage(chat, message, live) {
  const { room, from, by } = message;
  const own = isOwn(chat.user, message);
  if (!own && live) follow(chat, by, true);
  const known = chat.conversations.get(room);
  // Somebody begins a conversation, or goes on with one that was closed.
  const conversation = known ??
    (room.startsWith("@") ? chat.add(room, own ? undefined : from) : undefined);
  if (!conversation) return;
  if (!known) follow(chat, room.slice(1), !own);
  if (by !== undefined) conversation.typing.delete(by);
  const outcome = conversation.log.receive(message);
  if (outcome === "known") return;
  // The client fills gaps by itself; whatever is left of one, the reader loads by reading on.
  if (outcome === "gap") conversation.log.live = message.seq;
  if (!own && live) attend(chat, conversation, message);
}

/**
 * Tells of somebody else's new message, and marks it as read if the reader looks at it. Called before the client
 * counts it as unread.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {UserMessage} message
 */
function attend(chat, conversation, message) {
  const mention = conversation.kind === "direct" || mentions(message.content, chat.me);
  const isShown = chat.current === conversation.key && conversation.log.atEnd;
  if (chat.attentive && isShown) chat.connection.markRead(conversation.key, message.seq);
  chat.tell({ type: "said", conversation, message, mention });
}

/**
 * The newest page on a first visit and where a room starts over; else what was missed while the connection was
 * broken.
 *
 * @param {Chat} chat
 * @param {History} history
 */
function receiveReplay(chat, { room, messages, last, first, complete }) {
  const conversation = chat.conversations.get(room);
  if (!conversation) return;
  const { log } = conversation;
  if (log.live >= 0 && complete) {
    for (const message of messages) receiveMessage(chat, message, false);
    return;
  }
  log.open(messages, { live: last, atStart: first <= 1 });
  if (room === chat.current) openPage(chat, conversation);
}
