/**
 * Counts unread messages: the rule that all backends share.
 *
 * @module
 */
import { MAX_UNREAD, mentions } from "../protocol.ts";
import type { StoredMessage, Unread, UnreadQuery } from "./store.ts";

/**
 * Maximum number of messages that are looked at in a room, which bounds the work however many of them are
 * deleted or the reader's own. If more have not been read, the count is `MAX_UNREAD`.
 */
const MAX_EXAMINED = 1000;

/**
 * Counts what a user has not read in a room.
 *
 * @param newestFirst the room's messages; not read further than necessary
 * @param last greatest `seq` assigned in the room
 */
export function countUnread(
  newestFirst: Iterable<StoredMessage>,
  last: number,
  { room, read }: UnreadQuery["rooms"][number],
  { user, name }: Pick<UnreadQuery, "user" | "name">,
): Unread {
  const counted: Unread = { room, last, unread: 0, mentions: 0 };
  let examined = 0;
  for (const message of newestFirst) {
    if (message.seq <= read || counted.unread >= MAX_UNREAD) break;
    if (++examined > MAX_EXAMINED) {
      counted.unread = MAX_UNREAD;
      break;
    }
    if (message.by === user || message.deleted) continue;
    counted.unread++;
    if (mentionsName(message.content, name)) counted.mentions++;
  }
  return counted;
}

/** Most texts contain no `@`, and are then not folded, which is slow. */
function mentionsName(text: string, name: string): boolean {
  return text.includes("@") && mentions(text, name);
}
