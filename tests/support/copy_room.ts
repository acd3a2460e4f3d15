/**
 * What a client holds of one room, built from events and answers only, as docs/protocol.md says that a
 * client may. It notes whatever contradicts what it was shown before.
 *
 * @module
 */
import type {
  Delete,
  Edit,
  History,
  React,
  Reaction,
  Reactions,
  UserMessage,
} from "../../protocol.ts";

/** An event that changes a message. */
export type ChangeEvent = Edit | Delete | React;

/** How far a room has been seen: what a returning client sends with `login` or `join`. */
export interface SeenSoFar {
  since: number;
  at?: number;
  changes: number;
  epoch?: string;
  run?: string;
}

/** Contradictions by kind; each entry says what was seen. */
export type Complaints = Record<"doubled" | "gap" | "reordered" | "stale" | "other", string[]>;

/** No complaint. */
export function noComplaints(): Complaints {
  return { doubled: [], gap: [], reordered: [], stale: [], other: [] };
}

/** Changes that are remembered, to bring pages up to date that were read before them. */
const MAX_RECENT = 2000;

/** Up to so many reactors are named on the wire, so names are held only up to here. */
const NAMED = 20;

/** See above. */
export class RoomCopy {
  readonly room: string;
  /** What is held, by `seq`; without a gap. */
  readonly messages = new Map<number, UserMessage>();
  readonly complaints: Complaints;
  /** The id of the client's own user, from which `mine` of a reaction follows. */
  me = "";
  /** Whether what was missed has been received on the present connection. */
  isCaughtUp = false;
  /** How often it has started over. */
  restarts = 0;
  #since = 0;
  #at: number | undefined;
  /** The change up to which none was left out. */
  #changes = 0;
  /** The last change that was told. */
  #told = 0;
  #epoch: string | undefined;
  #run: string | undefined;
  /** By `seq`: the change up to which the message is true. */
  readonly #trueUpTo = new Map<number, number>();
  #recent: ChangeEvent[] = [];

  constructor(room: string, complaints: Complaints = noComplaints()) {
    this.room = room;
    this.complaints = complaints;
  }

  get since(): number {
    return this.#since;
  }

  /** The last change that was told. */
  get told(): number {
    return this.#told;
  }

  /** Whether a change was left out, so that no number says any more what has been seen. */
  get isTorn(): boolean {
    return this.#told > this.#changes;
  }

  /** Smallest `seq` that is held; 0 if none is. */
  get first(): number {
    const { value } = this.messages.keys().next();
    return value ?? 0;
  }

  /** What to send on coming back. */
  position(withRun: boolean): SeenSoFar {
    return {
      since: this.#since,
      ...(this.#at !== undefined && { at: this.#at }),
      changes: this.#changes,
      ...(this.#epoch !== undefined && { epoch: this.#epoch }),
      ...(withRun && this.#run !== undefined && { run: this.#run }),
    };
  }

  /** Forgets everything, as a client does that is new. */
  forget(): void {
    this.messages.clear();
    this.#trueUpTo.clear();
    this.#recent = [];
    this.#since = this.#changes = this.#told = 0;
    this.#at = this.#epoch = this.#run = undefined;
    this.isCaughtUp = false;
  }

  /**
   * Takes the answer to a return.
   *
   * @param server of the handshake of this connection
   */
  returned(history: History, server: { epoch: string; run: string }): void {
    const { messages, changed = [], change, complete } = history;
    const epoch = this.#epoch;
    if (complete && epoch !== undefined && epoch !== server.epoch && this.#since > 0) {
      this.complaints.other.push(`${this.room}: complete although the epoch has changed`);
    }
    if (!complete) {
      this.forget();
      this.restarts++;
      this.#since = (messages[0]?.seq ?? history.last + 1) - 1;
    }
    for (const message of messages) this.#append(message, change);
    for (const message of changed) this.#replace(message, change);
    if (!complete && messages.length === 0) this.#since = history.last;
    this.#changes = this.#told = change;
    this.#epoch = server.epoch;
    this.#run = server.run;
    this.isCaughtUp = true;
  }

  /** Takes a page of what was said before all that is held. */
  extend(page: History): void {
    const older = page.messages.filter(({ seq }) => seq < this.first);
    if (older.length === 0) return;
    if (older.at(-1)?.seq !== this.first - 1) {
      this.complaints.gap.push(`${this.room}: a page before ${this.first} ends at ${page.last}`);
      return;
    }
    const held = [...this.messages];
    this.messages.clear();
    for (const message of older) {
      const before = this.messages.size === 0 ? message.seq - 1 : [...this.messages.keys()].at(-1);
      if (message.seq !== (before ?? 0) + 1) {
        this.complaints.gap.push(`${this.room}: a page has ${message.seq} after ${before}`);
      }
      this.#hold(message, page.change);
    }
    for (const [seq, message] of held) this.messages.set(seq, message);
    for (const event of this.#recent) this.#apply(event);
  }

  /** Takes a message that was said now. */
  said(message: UserMessage): void {
    if (!this.isCaughtUp) return this.#complain("other", message.seq, "came before the history");
    this.#append(message, this.#told);
  }

  /** Takes a change that was made now. */
  changed(event: ChangeEvent): void {
    if (event.change <= this.#told) {
      return this.#complain("reordered", event.seq, `change ${event.change} after ${this.#told}`);
    }
    if (event.change === this.#changes + 1) this.#changes++;
    this.#told = event.change;
    this.#recent.push(event);
    if (this.#recent.length > 2 * MAX_RECENT) this.#recent = this.#recent.slice(-MAX_RECENT);
    this.#apply(event);
  }

  #append(message: UserMessage, change: number): void {
    const { seq, time, id } = message;
    if (seq <= this.#since) {
      const held = this.messages.get(seq);
      const kind = held !== undefined && (held.id !== id || held.time !== time)
        ? "reordered"
        : "doubled";
      return this.#complain(kind, seq, `came as ${id} and is held as ${held?.id}`);
    }
    if (seq > this.#since + 1) this.#complain("gap", seq, `came after ${this.#since}`);
    this.#hold(message, change);
    this.#since = seq;
    this.#at = time;
  }

  #replace(message: UserMessage, change: number): void {
    const held = this.messages.get(message.seq);
    if (held === undefined) return;
    if (held.time !== message.time) {
      this.#complain("reordered", message.seq, `was ${held.id} and is changed as ${message.id}`);
    }
    this.#hold(message, change);
  }

  #hold(message: UserMessage, change: number): void {
    const { repeat: _, ...plain } = message;
    this.messages.set(message.seq, plain);
    this.#trueUpTo.set(message.seq, change);
  }

  #apply(event: ChangeEvent): void {
    const message = this.messages.get(event.seq);
    if (message === undefined || event.change <= (this.#trueUpTo.get(event.seq) ?? 0)) return;
    this.#trueUpTo.set(event.seq, event.change);
    if (message.deleted && event.type !== "delete") {
      return this.#complain("other", event.seq, `${event.type} of a deleted message`);
    }
    this.messages.set(event.seq, amend(message, event, event.by === this.me));
  }

  #complain(kind: keyof Complaints, seq: number, what: string): void {
    this.complaints[kind].push(`${this.room}/${seq} ${what}`);
  }
}

/** The message after a change. */
function amend(message: UserMessage, event: ChangeEvent, isMine: boolean): UserMessage {
  switch (event.type) {
    case "edit":
      return { ...message, content: event.content, edited: event.time };
    case "delete": {
      const { file: _, edited: _e, reactions: _r, ...rest } = message;
      return { ...rest, type: "user", content: "", deleted: true };
    }
    case "react":
      return react(message, event, isMine);
  }
}

function react(message: UserMessage, event: React, isMine: boolean): UserMessage {
  const { reactions = {}, ...rest } = message;
  const before: Reaction = Object.hasOwn(reactions, event.content)
    ? reactions[event.content] ?? { count: 0, names: [] }
    : { count: 0, names: [] };
  const names = before.names.filter((name) => name !== event.from);
  if (event.on && names.length < NAMED) names.push(event.from);
  const mine = isMine ? event.on : before.mine === true;
  const others = Object.entries(reactions).filter(([emoji]) => emoji !== event.content);
  const now: Reactions = Object.fromEntries(others);
  if (event.count > 0) {
    now[event.content] = { count: event.count, names, ...(mine && { mine: true }) };
  }
  return Object.keys(now).length === 0 ? rest : { ...rest, reactions: now };
}
