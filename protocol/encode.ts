/**
 * Encodes what clients receive: complete JSON lines, and `hubbub.v1` frames, in which the lines after
 * the first are lean. `decodeFrame` in `protocol/wire.js` is the inverse.
 *
 * @module
 */
import type { EveryOptional } from "./message_fields.ts";
import type { ServerMessage, UserMessage } from "./messages.ts";

/** Encodes a message as one complete JSON line, without a line terminator. */
export function encodeMessage(message: ServerMessage): string {
  return JSON.stringify(message);
}

/**
 * Encodes messages as one `hubbub.v1` frame, in their order. The first line is complete; a `user` line
 * that follows another one omits `type`, and omits `room`, `time` and `seq` where the previous line
 * implies them.
 */
export function encodeFrame(messages: readonly ServerMessage[]): string {
  let frame = "";
  let before: UserMessage | undefined;
  for (const message of messages) {
    if (frame !== "") frame += "\n";
    const user = message.type === "user" ? message : undefined;
    frame += user === undefined || before === undefined
      ? JSON.stringify(message)
      : leanLine(user, before);
    before = user;
  }
  return frame;
}

/** Written by hand, which is faster than stringifying a partial copy. A room needs no escaping. */
function leanLine(message: UserMessage, before: UserMessage): string {
  const { id, reply_to, edited, deleted, reactions, file } = message;
  const fields: EveryOptional<UserMessage> = { id, reply_to, edited, deleted, reactions, file };
  let line = `{"from":${JSON.stringify(message.from)},"content":${JSON.stringify(message.content)}`;
  if (message.room !== before.room) line += `,"room":"${message.room}"`;
  if (message.seq !== before.seq + 1) line += `,"seq":${message.seq}`;
  if (message.time !== before.time) line += `,"time":${message.time}`;
  if (fields.id !== undefined) line += `,"id":${JSON.stringify(fields.id)}`;
  if (fields.reply_to !== undefined) line += `,"reply_to":${fields.reply_to}`;
  if (fields.edited !== undefined) line += `,"edited":${fields.edited}`;
  if (fields.deleted !== undefined) line += `,"deleted":true`;
  if (fields.reactions !== undefined) line += `,"reactions":${JSON.stringify(fields.reactions)}`;
  if (fields.file !== undefined) line += `,"file":${JSON.stringify(fields.file)}`;
  return line + "}";
}
