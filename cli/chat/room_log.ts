/**
 * What one room or direct conversation shows: its messages, what happened beside them, where the unread
 * ones begin, and who is there. Knows no terminal.
 *
 * @module
 */
import type { Delete, Edit, React, UserId, UserMessage } from "../../protocol.ts";
import { applyChange, type HubbubClient } from "../../sdk/hubbub.js";

/** Most entries that are kept of a room; the oldest go first. */
export const MAX_ENTRIES = 5000;

/** One thing in the log. Entries are replaced, never changed, when what they tell changes. */
export type Entry =
  | { readonly kind: "message"; readonly message: UserMessage }
  | {
    readonly kind: "note";
    readonly time: number;
    readonly text: string;
    readonly alert: boolean;
  };

/** What was said here and is not confirmed. */
export interface Pending {
  readonly text: string;
}

/** How far rooms are read: the client knows, and tells the server. */
export type ReadMarkers = Pick<HubbubClient, "unread" | "markRead">;

/** The log of a room. */
export class RoomLog {
  /** Of a direct conversation: `@ID` of the other one. */
  readonly name: string;
  readonly #markers: ReadMarkers;
  #entries: Entry[] = [];
  /** In the order of saying. */
  readonly pending: Pending[] = [];
  /** The names of who is here, as far as the server told them. */
  readonly users = new Set<string>();
  userCount = 0;
  /** What the room is about; empty if nobody has said. */
  topic = "";
  /** Who is typing, and until when that is believed. */
  readonly typing = new Map<UserId, number>();
  /** `seq` of the first message below the "new" line after its reader has come; 0 if there is none. */
  #line = 0;
  /** The lowest entry shown, and how many of its rows are below the screen; absent: the newest. */
  bottom: { entry: Entry; hidden: number } | undefined;
  /** There is nothing older on the server. */
  isComplete = false;
  /** An older page is on its way. */
  isLoading = false;

  /** The newest page was asked for. */
  isOpened = false;

  constructor(name: string, markers: ReadMarkers) {
    this.name = name;
    this.#markers = markers;
  }

  get isDirect(): boolean {
    return this.name.startsWith("@");
  }

  get entries(): readonly Entry[] {
    return this.#entries;
  }

  /** Messages of others that the user has read nowhere. */
  get unread(): number {
    return this.#markers.unread(this.name).count;
  }

  /** Of these, those that name the user. */
  get mentions(): number {
    return this.#markers.unread(this.name).mentions;
  }

  /** `seq` of the first message below the "new" line; 0 if there is none. */
  get line(): number {
    const { count, line } = this.#markers.unread(this.name);
    return count > 0 ? line : this.#line;
  }

  /** The newest message; `undefined` if there is none. */
  get last(): UserMessage | undefined {
    return this.findLast(() => true);
  }

  /** The oldest message; `undefined` if there is none. */
  get first(): UserMessage | undefined {
    for (const entry of this.#entries) if (entry.kind === "message") return entry.message;
    return undefined;
  }

  /** The newest message that passes. */
  findLast(passes: (message: UserMessage) => boolean): UserMessage | undefined {
    for (let i = this.#entries.length - 1; i >= 0; i--) {
      const entry = this.#entries[i];
      if (entry?.kind === "message" && passes(entry.message)) return entry.message;
    }
    return undefined;
  }

  /** The message with this `seq`, if it is still here. */
  at(seq: number): UserMessage | undefined {
    return this.findLast((message) => message.seq === seq);
  }

  note(text: string, time: number, alert = false): void {
    this.#append([{ kind: "note", text, time, alert }]);
  }

  /** A new message. */
  add(message: UserMessage): void {
    if (message.by !== undefined) this.typing.delete(message.by);
    this.#append([{ kind: "message", message }]);
  }

  /** The newest page, or what was missed during a break. What is shown already is not shown twice. */
  catchUp(messages: readonly UserMessage[]): void {
    const { first, last } = this;
    const isBehind = last === undefined;
    const older = first === undefined ? [] : messages.filter(({ seq }) => seq < first.seq);
    const newer = isBehind ? messages : messages.filter(({ seq }) => seq > last.seq);
    this.#entries.unshift(...older.map(toEntry));
    this.#append(newer.map(toEntry));
    if (isBehind || older.length > 0) {
      this.isComplete = messages.length === 0 || messages[0]?.seq === 1;
    }
  }

  /** What was here is void; the newest page comes next. */
  restart(): void {
    this.#entries = [];
    this.#line = 0;
    this.bottom = undefined;
    this.isComplete = false;
  }

  /** An older page of history. */
  prepend(messages: readonly UserMessage[], complete: boolean): void {
    const first = this.first?.seq ?? Infinity;
    const older = messages.filter(({ seq }) => seq < first);
    this.isLoading = false;
    this.isComplete = complete || older.length === 0;
    this.#entries.unshift(...older.map(toEntry));
  }

  /** A message was edited, deleted or reacted to. */
  change(change: Edit | Delete | React, user: UserId | undefined): void {
    this.#replace(change.seq, (message) => applyChange(message, change, user));
  }

  /** The present form of messages that were changed meanwhile. Those that are not here are left out. */
  replace(messages: readonly UserMessage[]): void {
    for (const message of messages) this.#replace(message.seq, () => message);
  }

  /** Somebody looks at the end of this room: everything is read. The line stays until {@linkcode tidy}. */
  attend(): void {
    this.#line = this.line;
    this.#markers.markRead(this.name);
  }

  /** The user turns away, or speaks: the line goes, unless something is unread below it. */
  tidy(): void {
    this.#line = 0;
  }

  #append(entries: readonly Entry[]): void {
    this.#entries.push(...entries);
    const surplus = this.#entries.length - MAX_ENTRIES;
    if (surplus <= 0) return;
    const gone = this.#entries.splice(0, surplus);
    this.isComplete = false;
    if (this.bottom !== undefined && gone.includes(this.bottom.entry)) this.bottom = undefined;
  }

  #replace(seq: number, change: (message: UserMessage) => UserMessage): void {
    const index = this.#entries.findLastIndex((entry) =>
      entry.kind === "message" && entry.message.seq === seq
    );
    const entry = this.#entries[index];
    if (entry?.kind !== "message") return;
    const changed: Entry = { kind: "message", message: change(entry.message) };
    this.#entries[index] = changed;
    if (this.bottom?.entry === entry) this.bottom = { entry: changed, hidden: 0 };
  }
}

function toEntry(message: UserMessage): Entry {
  return { kind: "message", message };
}
