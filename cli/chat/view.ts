/**
 * What the screen shows: a bar at the top, the log of a room, a line of news, the line being typed.
 * Pure: takes the state and makes a picture of it.
 *
 * @module
 */
import { entryRows, pendingRows, type RowOptions } from "./entry_rows.ts";
import { harmlessLine } from "../../text/harmless.ts";
import { markedName } from "./phrases.ts";
import type { Entry, RoomLog } from "./room_log.ts";
import type { Picture } from "./screen.ts";
import { cut, graphemes, textWidth } from "./width.ts";

/** Everything that is shown. */
export interface ViewState extends RowOptions {
  /** What a room or direct conversation is called. */
  readonly titleOf: (room: string) => string;
  /** Rows of the screen. */
  readonly height: number;
  readonly room: RoomLog;
  /** The other rooms, in the order of entering. */
  readonly others: readonly RoomLog[];
  /** What the connection is doing, if there is something to say; else empty. */
  readonly status: string;
  /** What stands between log and input: progress, candidates of a completion; else empty. */
  readonly hint: string;
  readonly line: string;
  readonly cursor: number;
  /** Milliseconds since 1970. */
  readonly now: number;
}

/** Rows that are not log: the bar, the news, the input. */
const FIXED_ROWS = 3;

/** Most names in the bar. */
const MAX_NAMES = 30;

/** Makes the picture. */
export function drawView(state: ViewState): Picture {
  const { height, width } = state;
  const logHeight = Math.max(0, height - FIXED_ROWS);
  const { row, column } = inputRow(state);
  const rows = [barRow(state), ...logRows(state, logHeight), newsRow(state), row];
  return {
    rows: rows.slice(-height),
    cursorRow: Math.min(rows.length, height) - 1,
    cursorColumn: Math.min(column, width - 1),
  };
}

/** How many rows of log fit. */
export function logHeight(height: number): number {
  return Math.max(1, height - FIXED_ROWS);
}

/**
 * Scrolls a room's log.
 *
 * @param rows upwards; negative: downwards
 * @param height rows of the log on the screen
 * @returns whether the oldest entry is on the screen now
 */
export function scroll(state: LogState, rows: number, height: number): boolean {
  const { room } = state;
  const wanted = Math.max(0, rowsBelow(state) + rows);
  let above = 0;
  for (let i = room.entries.length - 1; i >= 0 && above <= wanted + height; i--) {
    above += rowsAt(state, i).length;
  }
  const reachedTop = above <= wanted + height;
  // The oldest row stays at the top of the screen.
  room.bottom = entryAbove(state, Math.min(wanted, Math.max(0, above - height)));
  return reachedTop;
}

type LogState = RowOptions & { readonly room: RoomLog };

/** Rows of the log that are below the screen. */
function rowsBelow(state: LogState): number {
  const { entries, bottom } = state.room;
  if (bottom === undefined) return 0;
  let rows = bottom.hidden;
  for (let i = entries.indexOf(bottom.entry) + 1; i < entries.length; i++) {
    rows += rowsAt(state, i).length;
  }
  return rows;
}

/** The entry that ends on the screen when so many rows are below it. */
function entryAbove(state: LogState, below: number): RoomLog["bottom"] {
  const { entries } = state.room;
  if (below === 0) return undefined;
  let hidden = below;
  for (let i = entries.length - 1; i >= 0; i--) {
    const entry = entries[i];
    const count = rowsAt(state, i).length;
    if (entry !== undefined && hidden < count) return { entry, hidden };
    hidden -= count;
  }
  return undefined;
}

function rowsAt(state: LogState, index: number): string[] {
  const { entries } = state.room;
  const entry = entries[index];
  return entry === undefined ? [] : entryRows(state.room, entry, entries[index - 1], state);
}

/** The rows of the log, from its lowest shown entry upwards; blank rows above if there are few. */
function logRows(state: ViewState, height: number): string[] {
  const { room } = state;
  const { entries, bottom } = room;
  let rows: string[] = [];
  let index = entries.length - 1;
  if (bottom === undefined) {
    rows = room.pending.flatMap(({ text }) => pendingRows(text, state));
  } else {
    index = entries.indexOf(bottom.entry);
    const whole = rowsAt(state, index--);
    rows = whole.slice(0, Math.max(1, whole.length - bottom.hidden));
  }
  for (; index >= 0 && rows.length < height; index--) rows.unshift(...rowsAt(state, index));
  const blank = Array.from({ length: Math.max(0, height - rows.length) }, () => "");
  return height === 0 ? [] : [...blank, ...rows].slice(-height);
}

function barRow(state: ViewState): string {
  const { room, others, status, width, style, titleOf } = state;
  const names = [...room.users].slice(0, MAX_NAMES).map(markedName).join(", ");
  const here = room.userCount === 0 ? "" : ` · ${room.userCount} here: ${names}`;
  const topic = room.topic === "" ? "" : ` · ${harmlessLine(room.topic)}`;
  const left = ` ${harmlessLine(titleOf(room.name))}${here}${topic}`;
  const shown = [...others.map((other) => otherRoom(other, titleOf)), status];
  const right = shown.filter((part) => part !== "").map((part) => `${part} `).join("");
  const shownRight = cut(right, Math.max(0, width - 12));
  const shownLeft = cut(left, Math.max(0, width - textWidth(shownRight) - 1));
  const fill = Math.max(0, width - textWidth(shownLeft) - textWidth(shownRight));
  return style.bar(shownLeft + " ".repeat(fill) + shownRight);
}

function otherRoom({ name, unread, mentions }: RoomLog, titleOf: ViewState["titleOf"]): string {
  const count = unread === 0 ? "" : ` ${unread}${mentions > 0 ? "!" : ""}`;
  return `${harmlessLine(titleOf(name))}${count}`;
}

function newsRow({ room, hint, width, style, now, nameOf }: ViewState): string {
  if (hint !== "") return style.accent(cut(harmlessLine(hint), width));
  const below = room.bottom === undefined ? 0 : entriesBelow(room.entries, room.bottom.entry);
  if (below > 0) {
    return style.accent(cut(`${below} more below · Page Down, or Enter to go there`, width));
  }
  const typing = [...room.typing].filter(([, until]) => until > now)
    .map(([id]) => nameOf(id, "somebody"));
  if (typing.length === 0) return "";
  const verb = typing.length === 1 ? "is" : "are";
  return style.dim(cut(harmlessLine(`${typing.slice(0, 3).join(", ")} ${verb} typing`), width));
}

function entriesBelow(entries: readonly Entry[], entry: Entry): number {
  return entries.length - 1 - entries.indexOf(entry);
}

/** The line being typed, moved sideways so far that the cursor is seen. */
function inputRow(
  { name, line, cursor, width, style }: ViewState,
): { row: string; column: number } {
  const prompt = `${cut(harmlessLine(name), Math.floor(width / 3))}› `;
  const promptWidth = textWidth(prompt);
  const room = Math.max(1, width - promptWidth - 1);
  let shown = "";
  let column = 0;
  for (const grapheme of graphemes(line.slice(0, cursor)).reverse()) {
    const columns = textWidth(grapheme);
    if (column + columns > room) break;
    column += columns;
    shown = grapheme + shown;
  }
  // No more than fits can be shown of what follows, which may be very long.
  const text = cut(shown + line.slice(cursor, cursor + 4 * width), room + 1);
  return { row: style.bold(prompt) + text, column: promptWidth + column };
}
