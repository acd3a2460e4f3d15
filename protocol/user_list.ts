/**
 * The list of names in events about others, which would make them as large as the room is, for everybody in
 * it.
 *
 * @module
 */
import { exceedsBytes } from "./fields.ts";
import type { ServerMessage, UserId } from "./messages.ts";

/** The list in an event about somebody else has at most so many bytes, in the subprotocols that have one. */
export const MAX_EVENT_LIST_BYTES = 4096;

/** An event, without its list of names if that takes more than so many bytes of text. */
export function withShortList(message: ServerMessage, maxBytes: number): ServerMessage {
  if (message.type !== "login" && message.type !== "logout" && message.type !== "rename") {
    return message;
  }
  if (message.user_list === undefined) return message;
  if (maxBytes > 0 && !exceedsBytes(message.user_list.join(), maxBytes)) return message;
  const { user_list: _, ...rest } = message;
  return rest;
}

/** The events that a user sees: with lists of names in its own entries. */
export function withShortLists(
  messages: readonly ServerMessage[],
  user: UserId,
  maxBytes: number,
): ServerMessage[] {
  return messages.map((message) =>
    message.type === "login" && message.by === user ? message : withShortList(message, maxBytes)
  );
}
