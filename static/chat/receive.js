/**
 * What each message of the server does to the model.
 *
 * @module
 */
import { changedMembers, directKey } from "../logic/conversation.js";
import { mentions, sameName } from "../logic/names.js";
import { lineServed, readUpTo, received } from "../logic/unread.js";
import { catchUp, confirmSeen, openPage, refresh } from "./history.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").ServerMessage} ServerMessage */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */
/** @typedef {import("../logic/types.js").ErrorMessage} ErrorMessage */
/** @typedef {import("../logic/types.js").History} History */
/** @typedef {import("../../protocol/messages.ts").Presence} Presence */
/** @typedef {import("../../protocol/messages.ts").Rename} Rename */
/** @typedef {import("../../protocol/messages.ts").Direct} Direct */

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
  if (chat.me !== "" && chat.loginProblem === "") chat.sendLogin();
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
  if (chat.connection.state.phase === "open") chat.enterAll();
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
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {string} id
 */
function confirm(chat, conversation, id) {
  if (!chat.outbox.confirm(id)) return;
  conversation.unread = lineServed(conversation.unread);
  chat.flush();
}

/**
 * Another's new message: counted, told, and remembered as read if the reader looks at it.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {UserMessage} message
 * @param {boolean} live
 */
function count(chat, conversation, message, live) {
  const mention = conversation.kind === "direct" || mentions(message.content, chat.me);
  const shown = chat.current === conversation.key && conversation.log.atEnd;
  const attended = live && chat.attentive && shown;
  conversation.unread = received(conversation.unread, { seq: message.seq, mention }, attended);
  if (attended) chat.remember();
  if (live) chat.tell({ type: "said", conversation, message, mention });
}

/**
 * The server keeps no direct messages, so they get numbers of our own, and a resend whose first
 * answer was lost is known by its id.
 *
 * @param {Chat} chat
 * @param {Direct} direct
 */
function receiveDirect(chat, { from, to, content, time, id }) {
  const mine = sameName(from, chat.me);
  const other = mine ? to : from;
  const key = directKey(other);
  const conversation = chat.conversations.get(key) ?? chat.add(key, other);
  conversation.name = other;
  if (mine && id !== undefined) confirm(chat, conversation, id);
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
function receiveRename(chat, { room, from, content, user_list }) {
  if (sameName(from, chat.me) && content !== chat.me) {
    chat.me = content;
    chat.myNames.add(content);
    chat.memory.identity = { name: content, session: chat.session, epoch: chat.epoch };
  }
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
    chat.outbox.move(oldKey, newKey);
    if (chat.current === oldKey) chat.current = newKey;
  }
  conversation.key = newKey;
  conversation.name = to;
  chat.remember();
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
 * @param {import("../../protocol/messages.ts").ErrorCode} code
 * @param {number | undefined} wait
 */
function refuseLogin(chat, code, wait) {
  chat.loginId = "";
  if (code === "rate_limited" || code === "unavailable") {
    chat.environment.later(() => {
      if (chat.connection.state.phase === "open") chat.sendLogin();
    }, wait ?? TRY_AGAIN);
  } else {
    chat.loginProblem = code;
  }
}
