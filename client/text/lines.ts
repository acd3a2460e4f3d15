/**
 * What people read at a terminal: each message as a line of text, with other people's words made harmless.
 * Times are UTC, because the server cannot know the terminal's time zone.
 *
 * @module
 */
import type { Direct, ErrorMessage, Handshake, Rooms, Users } from "../../protocol.ts";
import type { ServerMessage, UserMessage } from "../../protocol.ts";
import { harmless, harmlessLine } from "../../text/harmless.ts";
import { roundSize } from "../../text/size.ts";

/** Maximum names or rooms in one line; the rest is only counted. */
const MAX_LISTED = 100;

/** Every line of a text but its first begins with this, so that none can pass for somebody else's words. */
const INDENT = "    ";

/** A text made harmless, with all its lines but the first indented. */
function indented(text: string): string {
  const lines = harmless(text).split("\n");
  while (lines.length > 1 && lines.at(-1) === "") lines.pop();
  return lines.join(`\n${INDENT}`);
}

/** `[12:34]`, with the date unless that is today's. Both arguments are milliseconds since 1970. */
function stamp(time: number, now: number): string {
  const [date, clock] = split(time);
  return date === split(now)[0] ? `[${clock}]` : `[${date} ${clock}]`;
}

function split(time: number): [date: string, clock: string] {
  const iso = new Date(time).toISOString();
  return [iso.slice(0, -14), iso.slice(-13, -8)];
}

/**
 * A room's event, or a message of its history, as a line. A text of several lines adds indented ones.
 *
 * @param now milliseconds since 1970, to tell what is today; absent: the event has just happened
 * @returns `undefined` for events that are not shown
 */
export function eventLine(event: ServerMessage, now?: number): string | undefined {
  switch (event.type) {
    case "user":
    case "file":
      return messageLine(event, now);
    case "login":
      return `* ${harmlessLine(event.from)} joined (${event.user_count} here)`;
    case "logout":
      return `* ${harmlessLine(event.from)} left (${event.user_count} here)`;
    case "rename":
      return `* ${harmlessLine(event.from)} is now ${harmlessLine(event.content)}`;
    case "edit":
      return `* ${harmlessLine(event.from)} edited message ${event.seq}: ${
        indented(event.content)
      }`;
    case "delete":
      return `* ${harmlessLine(event.from)} deleted message ${event.seq}`;
    case "react": {
      const { from, content, on, seq } = event;
      const what = on ? "reacted with" : "took back";
      return `* ${harmlessLine(from)} ${what} ${harmlessLine(content)} on message ${seq}`;
    }
    case "invite":
      return `* ${harmlessLine(`${event.from} invited ${event.user.name} to #${event.room}`)}`;
    case "remove":
      return `* ${harmlessLine(`${event.from} removed ${event.user.name} from #${event.room}`)}`;
    case "topic":
      return `* ${harmlessLine(event.from)} ${topicText(event.content)}`;
    case "role":
      return `* ${harmlessLine(`${event.from} made ${event.user.name} ${event.content}`)}`;
    case "system":
      return `* ${indented(event.content)}`;
    default:
      return undefined;
  }
}

function topicText(topic: string): string {
  return topic === "" ? "cleared the topic" : `set the topic: ${harmlessLine(topic)}`;
}

function messageLine(message: UserMessage, now = message.time): string {
  const { from, content, time, reply_to, edited, deleted, reactions, file } = message;
  const answered = reply_to === undefined ? "" : ` (answering message ${reply_to})`;
  const start = `${stamp(time, now)} ${harmlessLine(from)}${answered}`;
  if (deleted) return `${start}: (deleted)`;
  const text = file === undefined
    ? indented(content)
    : `(file) ${harmlessLine(file.name)}, ${roundSize(file.size)}, ${harmlessLine(file.url)}`;
  const mark = edited === undefined ? "" : " (edited)";
  const tally = Object.entries(reactions ?? {})
    .map(([emoji, { count }]) => ` [${harmlessLine(emoji)} ${count}]`).join("");
  return `${start}: ${text}${mark}${tally}`;
}

/** The same with the room in front, for people who are in several. */
export function labelled(event: ServerMessage, now?: number): string | undefined {
  const line = eventLine(event, now);
  if (line === undefined || !("room" in event)) return line;
  return event.room === undefined || event.room === "" ? line : `#${event.room} ${line}`;
}

/** A direct message, as its receiver or its sender sees it. */
export function directLine({ from, to, content }: Direct, sent: boolean): string {
  const which = sent ? `(direct to ${harmlessLine(to)})` : "(direct)";
  return `${which} ${harmlessLine(from)}: ${indented(content)}`;
}

/** Why a request was refused. */
export function errorLine({ content }: ErrorMessage, times = 1): string {
  return `! ${harmlessLine(content)}${times > 1 ? ` (${times} times)` : ""}`;
}

/** Who is in a room. */
export function usersLine({ room, user_count, user_list }: Users): string {
  return `* In #${room}: ${listed(user_list.map(harmlessLine))} (${user_count} here)`;
}

/** The rooms there are, those with the most people first. */
export function roomsLine({ rooms, complete }: Rooms): string {
  const names = rooms.toSorted((a, b) => b.user_count - a.user_count)
    .map(({ room, user_count }) => `#${room} (${user_count} here)`);
  return `* Rooms: ${listed(names)}${complete ? "" : ", and more"}`;
}

function listed(entries: readonly string[]): string {
  const left = entries.length - MAX_LISTED;
  const shown = entries.slice(0, MAX_LISTED).join(", ");
  return left > 0 ? `${shown} and ${left} more` : shown;
}

/** The first line on every connection. */
export function greeting({ number }: Handshake): string {
  return `Welcome to Hubbub, connection ${number}. What you type is said to everybody in the room; ` +
    "/help lists the commands.";
}

/** Who the person is now. */
export function introduction(name: string, room: string): string {
  return `You are ${harmlessLine(name)} in #${room}; /nick NAME changes your name. ` +
    "All times are UTC.";
}
