/**
 * What the store keeps of a message that the hub is about to show.
 *
 * @module
 */
import type { UserMessage } from "../protocol.ts";
import type { NewMessage, StoredMessage } from "../store/store.ts";

/** Makes the change. Written out, because it is made for every message. */
export function toChange(message: UserMessage): NewMessage {
  const { room, from, content, time, id, reply_to, file } = message;
  const change: NewMessage = { kind: "message", room, from, content, time };
  if (id !== undefined) change.id = id;
  if (reply_to !== undefined) change.reply_to = reply_to;
  if (file !== undefined) change.file = file;
  return change;
}

/** A stored message, as it is sent. */
export function toUserMessage(stored: StoredMessage): UserMessage {
  return { type: stored.file === undefined ? "user" : "file", ...stored };
}
