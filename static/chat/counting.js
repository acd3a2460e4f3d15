/**
 * What somebody else's new message means for the reader.
 *
 * @module
 */
import { received } from "../../sdk/unread.js";
import { mentions } from "../logic/names.js";

/** @typedef {import("./chat.js").Chat} Chat */
/** @typedef {import("../logic/conversation.js").Conversation} Conversation */
/** @typedef {import("../logic/types.js").UserMessage} UserMessage */

/**
 * Counts it, tells of it, and remembers it as read if the reader looks at it.
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
