/**
 * The rows that one entry of a room's log takes on the screen.
 *
 * @module
 */
import type { UserId, UserMessage } from "../../protocol.ts";
import { harmlessLine } from "../../text/harmless.ts";
import {
  clockTime,
  dayName,
  markedName,
  messageText,
  mixedMark,
  reactionsText,
} from "./phrases.ts";
import type { Entry, RoomLog } from "./room_log.ts";
import type { Style } from "./style.ts";
import { cut, textWidth, wrapText } from "./width.ts";

/** How a log is shown. */
export interface RowOptions {
  /** Columns. */
  readonly width: number;
  readonly style: Style;
  /** The user's own name. */
  readonly name: string;
  /** The user's own id; absent before the login. */
  readonly user: UserId | undefined;
  /** What the author of a message is called now. */
  readonly nameOf: (id: UserId | undefined, fallback: string) => string;
  /** What the paths of files are relative to. */
  readonly base: string;
}

/** Columns of the time before each message, and of the indent of the rows that follow. */
const INDENT = 6;

/** Longest part of a message that a reply to it repeats, in columns. */
const QUOTE_WIDTH = 40;

/** The rows of an entry, with the lines that go before it: the day, the first unread. */
export function entryRows(
  log: RoomLog,
  entry: Entry,
  before: Entry | undefined,
  options: RowOptions,
): string[] {
  const { style, width } = options;
  if (entry.kind === "note") return noteRows(entry, options);
  const rows: string[] = [];
  const { message } = entry;
  const previous = messageBefore(before);
  const day = dayName(message.time);
  if (previous !== undefined && dayName(previous.time) !== day) {
    rows.push(style.dim(rule(day, width)));
  }
  if (isFirstUnread(log, message, previous)) rows.push(style.accent(rule("new", width)));
  return [...rows, ...messageRows(log, message, options)];
}

/** What the user said and nobody has confirmed. */
export function pendingRows(text: string, { width, style, name }: RowOptions): string[] {
  return wrapText(`${name}: ${text} …`, width - INDENT).map((row) =>
    style.dim(" ".repeat(INDENT) + row)
  );
}

function isFirstUnread(
  { line }: RoomLog,
  { seq }: UserMessage,
  previous: UserMessage | undefined,
): boolean {
  if (line === 0 || seq < line) return false;
  return previous === undefined || previous.seq < line;
}

function messageBefore(entry: Entry | undefined): UserMessage | undefined {
  return entry?.kind === "message" ? entry.message : undefined;
}

function noteRows({ text, time, alert }: Extract<Entry, { kind: "note" }>, options: RowOptions) {
  const { width, style } = options;
  const paint = alert ? style.alert : style.dim;
  return wrapText(text, width - INDENT).map((row, i) =>
    style.dim(i === 0 ? `${clockTime(time)} ` : " ".repeat(INDENT)) + paint(row)
  );
}

function messageRows(log: RoomLog, message: UserMessage, options: RowOptions): string[] {
  const { width, style, user } = options;
  const author = authorOf(message, options);
  const tail = `${mixedMark(author)}: `;
  const from = cut(harmlessLine(author), Math.max(1, width - INDENT - textWidth(tail)));
  const head = from + tail;
  const columns = Math.max(1, width - INDENT);
  const text = messageText(message, options.base);
  const wrapped = wrapText(text, columns, Math.max(1, columns - textWidth(head)));
  const own = message.by !== undefined && message.by === user;
  const rows = wrapped.map((row, i) => {
    const shown = message.deleted === true ? style.dim(row) : row;
    if (i > 0) return " ".repeat(INDENT) + shown;
    const named = own ? style.bold(head) : style.name(from, head);
    return `${style.dim(clockTime(message.time))} ${named}${shown}`;
  });
  const quoted = message.reply_to === undefined ? undefined : log.at(message.reply_to);
  if (quoted !== undefined) rows.unshift(quoteRow(quoted, columns, options));
  const reactions = reactionsText(message);
  if (reactions !== "") rows.push(" ".repeat(INDENT) + style.dim(cut(reactions, columns)));
  return rows;
}

function authorOf({ by, from }: UserMessage, { nameOf }: RowOptions): string {
  return nameOf(by, from);
}

function quoteRow(message: UserMessage, columns: number, options: RowOptions): string {
  const { style, base } = options;
  const quote = harmlessLine(
    `↪ ${markedName(authorOf(message, options))}: ${messageText(message, base)}`,
  );
  return " ".repeat(INDENT) + style.dim(cut(quote, Math.min(columns, QUOTE_WIDTH)));
}

/** A line across the screen with a word in it. */
function rule(text: string, width: number): string {
  const word = cut(` ${text} `, width);
  const left = Math.max(0, Math.floor((width - textWidth(word)) / 2));
  const right = Math.max(0, width - left - textWidth(word));
  return "─".repeat(left) + word + "─".repeat(right);
}
