/**
 * What each message of the server does to the model.
 *
 * @module
 */
import { changedMembers } from "../logic/conversation.js";
import { mentions, sameName } from "../logic/names.js";
import { lineServed, readUpTo } from "../logic/unread.js";
import { confirm, count } from "./counting.js";
import { catchUp, confirmSeen, openPage, refresh } from "./history.js";
import { enterAll, sendLogin } from "./session.js";
import { receiveDirect, receiveRename } from "./people.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").ServerMessage} ServerMessage */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */
/** @typedef {import("../logic/types.js").ErrorMessage} ErrorMessage */
/** @typedef {import("../logic/types.js").History} History */
/** @typedef {import("../../protocol/messages.ts").Presence} Presence */

/** When the server names no time for another try, in milliseconds. */
const TRY_AGAIN = 2_000;

/**
 * @param {Chat} chat
 * @param {ServerMessage} message
 */
export function receive(chat, message) {
  const asked = chat.requests.answer(message);
  apply(chat, message, asked);
  chat.changed();
}

/**
 * @param {Chat} chat
 * @param {ServerMessage} message
 * @param {boolean} asked whether it answers a question of ours
 */
function apply(chat, message, asked) {
  switch (message.type) {
    case "handshake":
      return receiveHandshake(chat, message);
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
      return asked ? undefined : receiveReplay(chat, message);
    case "error":
      return asked ? undefined : receiveError(chat, message);
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
    case "users":
      conversation.members = message.user_list;
      conversation.memberCount = message.user_count;
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
 * @param {import("../logic/types.js").Handshake} handshake
 */
function receiveHandshake(chat, { session, epoch, limits }) {
  if (chat.epoch !== epoch) chat.forgetRooms();
  chat.epoch = epoch;
  chat.session = session;
  chat.limits = limits;
  if (chat.me !== "" && chat.loginProblem === "") sendLogin(chat);
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
  if (!entered) return;
  if (chat.connection.state.phase === "open") enterAll(chat);
  if (conversation.key === chat.current) {
    openPage(chat, conversation);
    refresh(chat, conversation);
  }
  chat.flush();
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
  if (mine && message.id !== undefined) confirm(chat, conversation, message.id);
  if (outcome === "gap") return void catchUp(chat, conversation);
  if (outcome === "known") return;
  if (mine) {
    conversation.unread = lineServed(readUpTo(message.seq));
    chat.remember();
  } else {
    count(chat, conversation, message, live);
  }
}

/**
 * What was missed while the line was broken.
 *
 * @param {Chat} chat
 * @param {History} history
 */
function receiveReplay(chat, { room, messages, last, first, complete }) {
  const conversation = chat.conversations.get(room);
  if (!conversation) return;
  const { log } = conversation;
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
  confirmSeen(chat, messages);
}

/**
 * @param {Chat} chat
 * @param {ErrorMessage} error
 */
function receiveError(chat, { code, id, retry_ms }) {
  const temporary = code === "rate_limited" || code === "unavailable";
  const again = () => chat.environment.later(() => chat.flush(), retry_ms ?? TRY_AGAIN);
  if (id !== undefined && id === chat.loginId) return refuseLogin(chat, code, retry_ms);
  if (id !== undefined && chat.outbox.has(id)) {
    if (temporary) {
      chat.outbox.postpone(id);
      again();
    } else {
      chat.outbox.fail(id, code);
      chat.flush();
    }
  } else if (!temporary) {
    chat.tell({ type: "problem", code });
  }
}

/**
 * @param {Chat} chat
 * @param {import("../../protocol/codes.ts").ErrorCode} code
 * @param {number | undefined} wait
 */
function refuseLogin(chat, code, wait) {
  chat.loginId = "";
  if (code === "rate_limited" || code === "unavailable") {
    chat.environment.later(() => {
      if (chat.connection.state.phase === "open") sendLogin(chat);
    }, wait ?? TRY_AGAIN);
  } else {
    chat.loginProblem = code;
  }
}
