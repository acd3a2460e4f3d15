/**
 * What somebody else's new message means for the reader.
 *
 * @module
 */
import { mentions } from "../logic/names.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */

/**
 * Tells of it, and marks it as read if the reader looks at it. Called before the client counts it as unread.
 *
 * @param {Chat} chat
 * @param {Conversation} conversation
 * @param {UserMessage} message
 */
export function attend(chat, conversation, message) {
  const mention = conversation.kind === "direct" || mentions(message.content, chat.me);
  const isShown = chat.current === conversation.key && conversation.log.atEnd;
  if (chat.attentive && isShown) chat.connection.markRead(conversation.key, message.seq);
  chat.tell({ type: "said", conversation, message, mention });
}
