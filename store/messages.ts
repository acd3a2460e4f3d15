/**
 * Conversions between the wire's messages and the store's. Written out, because they run for every
 * message; each one names every optional field, which the compiler checks.
 *
 * @module
 */
import type { EveryOptional, UserMessage } from "../protocol.ts";
import type { NewMessage, StoredMessage } from "./store.ts";

/** The change that commits a message which the hub is about to deliver. */
export function toChange(message: UserMessage): NewMessage {
  const { room, from, content, time, id, reply_to, file } = message;
  const change: NewMessage & EveryOptional<NewMessage> = {
    kind: "message",
    room,
    from,
    content,
    time,
    id,
    reply_to,
    file,
  };
  return change;
}

/** The message that a change adds to its room. Fields that are `undefined` are left out. */
export function toStored(change: NewMessage, seq: number): StoredMessage {
  const { room, time, from, content, id, reply_to, file } = change;
  const fields: EveryOptional<NewMessage> = { id, reply_to, file };
  const message: StoredMessage = { room, seq, time, from, content };
  if (fields.id !== undefined) message.id = fields.id;
  if (fields.reply_to !== undefined) message.reply_to = fields.reply_to;
  if (fields.file !== undefined) message.file = fields.file;
  return message;
}

/** A stored message as it is sent to clients. */
export function toUserMessage(stored: StoredMessage): UserMessage {
  return { type: stored.file === undefined ? "user" : "file", ...stored };
}
