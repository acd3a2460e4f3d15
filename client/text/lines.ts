/**
 * What people at a terminal read: each message as a line of text, with other people's words made
 * harmless. Times are UTC, as the server cannot know where a terminal stands.
 *
 * @module
 */
import type { Direct, ErrorMessage, Handshake, Rooms, Users } from "../../protocol.ts";
import type { ServerMessage, UserMessage } from "../../protocol.ts";
import { indented, oneLine } from "./terminal.ts";

/** Most names or rooms in one line; of more, the rest is counted. */
const MAX_LISTED = 100;

/** `[12:34]`, or with the date if that is not today's. Both in milliseconds since 1970. */
function stamp(time: number, now: number): string {
  const [date, clock] = split(time);
  return date === split(now)[0] ? `[${clock}]` : `[${date} ${clock}]`;
}

function split(time: number): [date: string, clock: string] {
  const iso = new Date(time).toISOString();
  return [iso.slice(0, -14), iso.slice(-13, -8)];
}

/**
 * A room's event, or a message of its history, as a line; a text of several lines makes further,
 * indented ones.
 *
 * @param now milliseconds since 1970, which tell what is today; absent: the event has just happened
 * @returns `undefined` for what is not shown
 */
export function eventLine(event: ServerMessage, now?: number): string | undefined {
  switch (event.type) {
    case "user":
    case "file":
      return messageLine(event, now);
    case "login":
      return `* ${oneLine(event.from)} joined (${event.user_count} here)`;
    case "logout":
      return `* ${oneLine(event.from)} left (${event.user_count} here)`;
    case "rename":
      return `* ${oneLine(event.from)} is now ${oneLine(event.content)}`;
    case "edit":
      return `* ${oneLine(event.from)} edited message ${event.seq}: ${indented(event.content)}`;
    case "delete":
      return `* ${oneLine(event.from)} deleted message ${event.seq}`;
    case "react": {
      const { from, content, reactions, seq } = event;
      const added = Object.hasOwn(reactions, content) && reactions[content]?.includes(from);
      const what = added ? "reacted with" : "took back";
      return `* ${oneLine(from)} ${what} ${oneLine(content)} on message ${seq}`;
    }
    case "system":
      return `* ${indented(event.content)}`;
    default:
      return undefined;
  }
}

function messageLine(message: UserMessage, now = message.time): string {
  const { from, content, time, reply_to, edited, deleted, reactions, file } = message;
  const answered = reply_to === undefined ? "" : ` (answering message ${reply_to})`;
  const start = `${stamp(time, now)} ${oneLine(from)}${answered}`;
  if (deleted) return `${start}: (deleted)`;
  const text = file === undefined
    ? indented(content)
    : `(file) ${oneLine(file.name)}, ${formatBytes(file.size)}, ${oneLine(file.url)}`;
  const mark = edited === undefined ? "" : " (edited)";
  const tally = Object.entries(reactions ?? {})
    .map(([emoji, names]) => ` [${oneLine(emoji)} ${names.length}]`).join("");
  return `${start}: ${text}${mark}${tally}`;
}

/** With the room in front, for those who read several. */
export function labelled(event: ServerMessage, now?: number): string | undefined {
  const line = eventLine(event, now);
  if (line === undefined || !("room" in event)) return line;
  return event.room === undefined || event.room === "" ? line : `#${event.room} ${line}`;
}

/** A direct message, for its receiver or its sender. */
export function directLine({ from, to, content }: Direct, sent: boolean): string {
  const which = sent ? `(direct to ${oneLine(to)})` : "(direct)";
  return `${which} ${oneLine(from)}: ${indented(content)}`;
}

/** Why something was not done. */
export function errorLine({ content }: ErrorMessage, times = 1): string {
  return `! ${oneLine(content)}${times > 1 ? ` (${times} times)` : ""}`;
}

/** Who is in a room. */
export function usersLine({ room, user_count, user_list }: Users): string {
  return `* In #${room}: ${listed(user_list.map(oneLine))} (${user_count} here)`;
}

/** Which rooms there are. */
export function roomsLine({ rooms }: Rooms): string {
  return `* Rooms: ${listed(rooms.map(({ room, user_count }) => `#${room} (${user_count} here)`))}`;
}

function listed(entries: readonly string[]): string {
  const left = entries.length - MAX_LISTED;
  const shown = entries.slice(0, MAX_LISTED).join(", ");
  return left > 0 ? `${shown} and ${left} more` : shown;
}

/** The first line on every connection. */
export function greeting({ number }: Handshake): string {
  return `Welcome to Hubbub, connection ${number}. What you type is said to everybody in the room; ` +
    "/help lists what else there is.";
}

/** Who one has become. */
export function introduction(name: string, room: string): string {
  return `You are ${oneLine(name)} in #${room}; /nick NAME gives you another name. ` +
    "All times are UTC.";
}

/** A size as people read it: three digits at most and a unit of IEC 80000-13. */
export function formatBytes(bytes: number): string {
  const units = ["bytes", "KiB", "MiB", "GiB", "TiB"];
  let size = bytes;
  let unit = 0;
  while (size >= 999.5 && unit < units.length - 1) {
    size /= 1024;
    unit++;
  }
  const digits = unit === 0 || size >= 9.95 ? 0 : 1;
  return `${size.toFixed(digits)} ${units[unit]}`;
}
