/**
 * Writing what clients receive: complete JSON lines, and `hubbub.v1` frames whose further lines are
 * lean. `decodeFrame` in `static/wire.js` is the other half.
 *
 * @module
 */
import type { ServerMessage, UserMessage } from "./messages.ts";

/** One complete JSON line, without the line's end. */
export function encodeMessage(message: ServerMessage): string {
  return JSON.stringify(message);
}

/**
 * One `hubbub.v1` frame that carries these messages in this order. The first line is complete; a
 * `user` line that follows another leaves out `type`, and `room`, `time` and `seq` where the reader
 * can tell them from the line before.
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

/** Written by hand, which is faster than a copy without some members; a room needs no escaping. */
function leanLine(message: UserMessage, before: UserMessage): string {
  let line = `{"from":${JSON.stringify(message.from)},"content":${JSON.stringify(message.content)}`;
  if (message.room !== before.room) line += `,"room":"${message.room}"`;
  if (message.seq !== before.seq + 1) line += `,"seq":${message.seq}`;
  if (message.time !== before.time) line += `,"time":${message.time}`;
  if (message.id !== undefined) line += `,"id":${JSON.stringify(message.id)}`;
  if (message.reply_to !== undefined) line += `,"reply_to":${message.reply_to}`;
  if (message.edited !== undefined) line += `,"edited":${message.edited}`;
  if (message.deleted !== undefined) line += `,"deleted":true`;
  if (message.reactions !== undefined) line += `,"reactions":${JSON.stringify(message.reactions)}`;
  if (message.file !== undefined) line += `,"file":${JSON.stringify(message.file)}`;
  return line + "}";
}
