/**
 * The rooms of direct conversations. Servers and stores call such a room by the ids of its two users,
 * `@A:B`; each of the two is shown it as `@` and the id of the other.
 *
 * @module
 */
import type { UserId } from "./message.ts";

/** The room of two users; the same whichever comes first. Somebody's own room has them twice. */
export function directRoom(one: UserId, other: UserId): string {
  return one < other ? `@${one}:${other}` : `@${other}:${one}`;
}

/** Whether a room is a direct conversation. */
export function isDirectRoom(room: string): boolean {
  return room.startsWith("@");
}

/** The two users of a direct conversation. */
export function usersOf(room: string): [UserId, UserId] {
  const [one = "", other = ""] = room.slice(1).split(":");
  return [one, other];
}

/** A room's name as a user is shown it; unchanged if it is that already. */
export function shownRoom(room: string, user: UserId): string {
  if (!isDirectRoom(room) || !room.includes(":")) return room;
  const [one, other] = usersOf(room);
  return `@${one === user ? other : one}`;
}
