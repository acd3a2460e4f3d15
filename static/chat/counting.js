/**
 * What a message that came means for the reader: one's own is confirmed, another's is counted.
 *
 * @module
 */
import { mentions } from "../logic/names.js";
import { lineServed, received } from "../logic/unread.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */

/**
 * The server has one's own message.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {string} id
 */
export function confirm(chat, conversation, id) {
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
export function count(chat, conversation, message, live) {
  const mention = conversation.kind === "direct" || mentions(message.content, chat.me);
  const shown = chat.current === conversation.key && conversation.log.atEnd;
  const attended = live && chat.attentive && shown;
  conversation.unread = received(conversation.unread, { seq: message.seq, mention }, attended);
  if (attended) chat.remember();
  if (live) chat.tell({ type: "said", conversation, message, mention });
}
