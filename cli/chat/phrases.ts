/**
 * What happened, in a sentence. All text of other people comes out harmless.
 *
 * @module
 */
import type {
  FileInfo,
  RoomEntry,
  RoomRole,
  Search,
  ServerMessage,
  UserEntry,
  UserMessage,
} from "../../protocol.ts";
import { isMixedScript } from "../../sdk/hubbub.js";
import { roundSize } from "../../text/size.ts";
import { harmless, harmlessLine } from "../../text/harmless.ts";

/** The time of day of a message, in this machine's time zone. */
export function clockTime(time: number): string {
  const date = new Date(time);
  return [date.getHours(), date.getMinutes()].map((n) => String(n).padStart(2, "0")).join(":");
}

/** The sign after a name that mixes alphabets, and so may imitate another one; empty after others. */
export function mixedMark(name: string): string {
  return isMixedScript(name) ? " ⚠" : "";
}

/** A name in a list, with that sign. */
export function markedName(name: string): string {
  return harmlessLine(name) + mixedMark(name);
}

/** The day of a message, as the user's language writes it. */
export function dayName(time: number): string {
  return new Date(time).toLocaleDateString(undefined, { dateStyle: "full" });
}

/** What a message says: its text, or the file. */
export function messageText(message: UserMessage, base: string): string {
  if (message.deleted === true) return "(deleted)";
  const text = message.file === undefined
    ? harmless(message.content)
    : fileText(message.file, base);
  return message.edited === undefined ? text : `${text} (edited)`;
}

/** The reactions on a message: `👍 2  🎉 1`; empty if there are none. */
export function reactionsText({ reactions = {} }: UserMessage): string {
  return Object.entries(reactions)
    .map(([emoji, { count }]) => `${harmlessLine(emoji)} ${count}`)
    .join("  ");
}

function fileText({ name, size, url }: FileInfo, base: string): string {
  const readable = URL.parse(url.replace(/^\/+/, ""), base)?.href ?? url;
  return harmlessLine(`${name} (${roundSize(size)}) ${readable}`);
}

/** What happened, for everything but messages; `undefined` if there is nothing to tell. */
export function noteText(event: ServerMessage): string | undefined {
  switch (event.type) {
    case "login":
      return harmlessLine(`${event.from} is here`);
    case "logout":
      return harmlessLine(`${event.from} has left`);
    case "rename":
      return harmlessLine(`${event.from} is now ${event.content}`);
    case "direct":
      return directText(event, event.to);
    case "invite":
      return harmlessLine(`${event.from} has invited ${event.user.name}`);
    case "remove":
      return harmlessLine(`${event.from} has removed ${event.user.name}`);
    case "topic":
      return harmlessLine(
        event.content === ""
          ? `${event.from} has cleared the topic`
          : `${event.from} has set the topic: ${event.content}`,
      );
    case "role":
      return harmlessLine(`${event.from} has made ${event.user.name} ${roleName(event.content)}`);
    case "system":
      return harmlessLine(event.content);
    case "error":
      return harmlessLine(event.content);
    case "users":
      return usersText(event.room, event.user_count, event.user_list);
    case "rooms":
      return [
        "Rooms:",
        ...event.rooms.map(roomText),
        ...(event.complete ? [] : ["  and more: /rooms TEXT lists those whose name contains it"]),
      ].join("\n");
    case "search":
      return searchText(event);
    default:
      return undefined;
  }
}

/** What somebody said to one person only. */
export function directText(message: { from: string; content: string }, to: string): string {
  return `${harmlessLine(`${message.from} → ${to}:`)} ${harmless(message.content)}`;
}

/** The members of a room: what they are in it, and who is there. */
export function membersText(title: string, users: readonly UserEntry[]): string {
  return [
    `Members of ${harmlessLine(title)}:`,
    ...users.map(({ name, role, room_role, online }) => {
      const kinds = [room_role, ...(role === "member" ? [] : [role])].filter((kind) => kind);
      const all = [...kinds, online ? "online" : "offline"];
      return `  ${markedName(name)}: ${[...new Set(all)].join(", ")}`;
    }),
  ].join("\n");
}

/** A role with its article, as in "has made bob an owner". */
function roleName(role: RoomRole): string {
  return role === "owner" ? "an owner" : `a ${role}`;
}

function roomText(entry: RoomEntry): string {
  const { room, user_count, last, topic } = entry;
  const about = [
    count(user_count, "person", "people"),
    count(last, "message", "messages"),
    ...(entry.private === true ? ["private"] : []),
  ].join(", ");
  return harmlessLine(`  ${room}: ${about}${topic === undefined ? "" : ` · ${topic}`}`);
}

function usersText(room: string, userCount: number, users: readonly string[]): string {
  const more = userCount > users.length ? ` and ${userCount - users.length} more` : "";
  return `In ${harmlessLine(room)}: ${users.map(markedName).join(", ")}${more}`;
}

function searchText({ content, messages, indexed }: Search): string {
  const head = messages.length === 0 ? "Nothing found for" : "Found for";
  const end = messages.length === 0 ? "" : ":";
  return [
    harmlessLine(`${head} ${content}${end}`),
    ...messages.map(({ room, from, time, content }) =>
      harmlessLine(`  ${dateTime(time)} #${room} ${from}: ${content}`)
    ),
    ...(indexed === false ? ["The server is still building its index: there may be more"] : []),
  ].join("\n");
}

function dateTime(time: number): string {
  return `${new Date(time).toISOString().slice(0, 10)} ${clockTime(time)}`;
}

function count(n: number, one: string, many: string): string {
  return `${n} ${n === 1 ? one : many}`;
}
