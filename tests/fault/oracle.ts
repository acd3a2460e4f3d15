/**
 * What must be true at a quiet point: every client's copy equals what a fresh client reads, and what was
 * acknowledged is there once, in its place.
 *
 * @module
 */
import type { Reaction, UserMessage } from "../../protocol.ts";
import { Chatter } from "../support/chatter.ts";
import type { Copy } from "../support/copy.ts";
import type { RoomCopy } from "../support/copy_room.ts";
import type { Acknowledged } from "../support/copy_said.ts";

/** What a fresh client reads of a room. */
export interface Reading {
  readonly room: string;
  readonly messages: ReadonlyMap<number, UserMessage>;
  /** Smallest `seq` that is there; one more than `last` if there is none. */
  readonly first: number;
  readonly last: number;
  readonly change: number;
}

/** What is wrong, by kind. */
export type Faults = Record<"lost" | "doubled" | "reordered" | "stale", string[]>;

export function noFaults(): Faults {
  return { lost: [], doubled: [], reordered: [], stale: [] };
}

/** Somebody new, who reads everything page by page. Leaves at the end of its scope. */
export class FreshReader implements AsyncDisposable {
  readonly #chatter: Chatter;
  readonly #pageSize: number;

  private constructor(chatter: Chatter, pageSize: number) {
    this.#chatter = chatter;
    this.#pageSize = pageSize;
  }

  static async enter(
    url: string,
    name: string,
    rooms: readonly string[],
    pageSize: number,
  ): Promise<FreshReader> {
    const [first = "lobby", ...others] = rooms;
    const chatter = await Chatter.enter(url, name, { room: first });
    for (const room of others) await chatter.ask({ type: "join", room });
    return new FreshReader(chatter, pageSize);
  }

  /** Says something, so that what lies before it has reached whoever has seen it. Returns its `seq`. */
  async mark(room: string, text: string): Promise<number> {
    return (await this.#chatter.say(text, room)).seq;
  }

  /** @throws {Error} if a page is no answer, or has a gap */
  async read(room: string): Promise<Reading> {
    const messages = new Map<number, UserMessage>();
    for (let after = 0;;) {
      const page = await this.#chatter.ask({ type: "history", room, after, limit: this.#pageSize });
      if (page.type !== "history") throw new Error(`Cannot read ${room}: ${JSON.stringify(page)}`);
      for (const message of page.messages) {
        if (messages.size > 0 && message.seq !== after + 1) {
          throw new Error(`A fresh client reads ${room}/${message.seq} after ${after}`);
        }
        after = message.seq;
        messages.set(message.seq, message);
      }
      if (!page.complete) continue;
      const first = messages.keys().next().value ?? page.last + 1;
      return { room, messages, first, last: page.last, change: page.change };
    }
  }

  /** Whether a search finds a text. */
  async finds(text: string, room: string): Promise<boolean> {
    const content = `"${text}"`;
    const answer = await this.#chatter.ask({ type: "search", content, room, limit: 200 });
    return answer.type === "search" && answer.messages.some(({ content }) => content === text);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#chatter[Symbol.asyncDispose]();
  }
}

/** Up to so many reactors are named on the wire; of more, a copy has only the number. */
const NAMED = 20;

/** Compares a copy of a room with a reading: all that the copy has must be there, and nothing more. */
export function compareCopy(client: Copy, copy: RoomCopy, reading: Reading, faults: Faults): void {
  const where = `${client.name}'s copy of ${copy.room}`;
  if (copy.since !== reading.last) {
    const kind = copy.since < reading.last ? "lost" : "stale";
    faults[kind].push(`${where} ends at ${copy.since}, the server's at ${reading.last}`);
  }
  if (copy.messages.size > 0 && copy.first < reading.first) {
    faults.stale.push(`${where} begins at ${copy.first}, the server's at ${reading.first}`);
  }
  if (copy.messages.size === 0) return;
  for (let seq = Math.max(copy.first, reading.first); seq <= reading.last; seq++) {
    const held = copy.messages.get(seq);
    const read = reading.messages.get(seq);
    if (held === undefined || read === undefined) {
      faults.lost.push(`${where} has ${held?.id} at ${seq}, the server ${read?.id}`);
      continue;
    }
    const [ours, theirs] = [canonical(asHeld(held)), canonical(asReadBy(client.user.name, read))];
    if (ours === theirs) continue;
    const kind = held.id === read.id && held.time === read.time ? "stale" : "reordered";
    faults[kind].push(`${where} has at ${seq}\n  ${ours}\n  instead of\n  ${theirs}`);
  }
}

/** Holds what was acknowledged to a reading. */
export function checkAcknowledged(
  all: Iterable<Acknowledged>,
  readings: ReadonlyMap<string, Reading>,
  faults: Faults,
): void {
  for (const one of all) {
    const reading = readings.get(one.room);
    if (reading === undefined || one.seq < reading.first) continue;
    const there = reading.messages.get(one.seq);
    const where = `${one.room}/${one.seq}`;
    if (there?.id !== one.id || there.by !== one.by) {
      const other = [...reading.messages.values()].find(({ id, by }) =>
        id === one.id && by === one.by
      );
      if (other === undefined) faults.lost.push(`${one.id} was acknowledged as ${where}`);
      else faults.reordered.push(`${one.id} was ${where} and is ${other.seq}`);
    } else if (!there.deleted && (one.deleted || editOf(there) < one.edit)) {
      const expected = one.deleted ? "deleted" : `edit ${one.edit}`;
      faults.lost.push(`${where} was acknowledged as ${expected} and is ${there.content}`);
    } else if (!there.deleted && !there.edited && there.content !== one.text) {
      faults.reordered.push(`${where} was acknowledged as ${one.text} and is ${there.content}`);
    }
  }
}

/** What was not known when it was sent again must have been removed before. */
export function checkGone(
  { said: { gone } }: Copy,
  readings: ReadonlyMap<string, Reading>,
  faults: Faults,
): void {
  for (const { id, room, seq, isFile } of gone) {
    const reading = readings.get(room);
    if (reading !== undefined && seq < reading.first) continue;
    // The server looks for the upload, which has gone with the message, before it looks for the message.
    if (isFile && reading?.messages.get(seq)?.deleted) continue;
    faults.doubled.push(
      `${id} was acknowledged as ${room}/${seq}, and was not known when it was sent again`,
    );
  }
}

/** Finds what is there twice. */
export function checkOnce(reading: Reading, faults: Faults): void {
  const seen = new Map<string, number>();
  for (const { id, by, seq } of reading.messages.values()) {
    if (id === undefined) continue;
    const key = `${by} ${id}`;
    const before = seen.get(key);
    if (before !== undefined) faults.doubled.push(`${reading.room}: ${id} is ${before} and ${seq}`);
    seen.set(key, seq);
  }
}

/**
 * After something was taken away on purpose: drops from what a client was acknowledged whatever is not there
 * any more, and notes down to which edit the rest went back. Returns how much was dropped.
 */
export function reconcile(client: Copy, readings: ReadonlyMap<string, Reading>): number {
  let dropped = 0;
  client.said.gone = [];
  for (const [id, one] of client.said.acknowledged) {
    const reading = readings.get(one.room);
    const there = reading?.messages.get(one.seq);
    if (reading !== undefined && one.seq < reading.first) continue;
    if (there?.id !== id || there.by !== one.by) {
      client.said.acknowledged.delete(id);
      dropped++;
    } else {
      one.edit = editOf(there);
      one.deleted = there.deleted === true;
    }
  }
  return dropped;
}

/** Number of the edit that a text has; 0: none. */
function editOf({ content }: UserMessage): number {
  return Number(/ edit (\d+)$/.exec(content)?.[1] ?? 0);
}

/** A message as somebody of this name reads it. */
function asReadBy(name: string, message: UserMessage): UserMessage {
  return withReactions(
    message,
    ({ count, names }) =>
      count > NAMED ? { count } : { count, names, ...(names.includes(name) && { mine: true }) },
  );
}

/** A message as a copy has it, without what a copy cannot know. */
function asHeld(message: UserMessage): UserMessage {
  return withReactions(message, (one) => one.count > NAMED ? { count: one.count } : one);
}

function withReactions(
  { reactions, ...rest }: UserMessage,
  show: (one: Reaction) => Partial<Reaction>,
): UserMessage {
  if (reactions === undefined) return rest;
  const shown = Object.entries(reactions).map(([emoji, one]) => [emoji, show(one)]);
  return { ...rest, reactions: Object.fromEntries(shown) };
}

/** The same text for equal values, in whatever order their members are. */
function canonical(value: unknown): string {
  return JSON.stringify(value, (_, member) => {
    if (typeof member !== "object" || member === null || Array.isArray(member)) return member;
    return Object.fromEntries(Object.entries(member).toSorted(([a], [b]) => a < b ? -1 : 1));
  });
}
