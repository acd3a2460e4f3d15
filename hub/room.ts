/**
 * One room: who is in it, and what happened in it during the current turn of the hub. Everything that
 * its members see is one sequence, the same for all; a turn's share of it leaves as one frame to each.
 *
 * @module
 */
import { Delivery } from "../client/codec.ts";
import { MAX_USER_LIST, type ServerMessage, type UserMessage } from "../protocol.ts";
import type { FlushThrottle } from "./flush_throttle.ts";

/** Most events that are held for a newcomer while history is read; who needs more is given up. */
const MAX_HELD = 10_000;

/** Most entries and leaves that a large room is told of together. */
const MAX_PRESENCE = 1000;

/** What a room knows of who is in it: a chat connection. */
export interface Member {
  readonly name: string;
  /** Whether nothing is sent to it any more. */
  readonly gone: boolean;
  /** Sends events; returns how many bytes of them the runtime has copied and not yet written. */
  deliver(delivery: Delivery): number;
  /** Gives up on it, because more waits for it than may. */
  fallBehind(): void;
}

/** A part of the turn's events: from one index up to another. */
interface Stay {
  from: number;
  to: number;
}

/** The live events that a member is to see after the history it waits for. */
export interface Held {
  readonly events: ServerMessage[];
  /** Its own entry in this turn, of which, and of all before it, it is told without waiting. */
  entry: ServerMessage | undefined;
}

/** A room that has members. */
export class Room {
  readonly name: string;
  /** In order of entering. */
  readonly members = new Set<Member>();
  #events: ServerMessage[] = [];
  /** Those who are to see another part of this turn than all of it, and which. */
  readonly #stays = new Map<Member, Stay[]>();
  /** Who caused an event that is for the others only. */
  readonly #typists = new Map<ServerMessage, Member>();
  /** Who entered or left in this turn. */
  readonly #moved = new Set<Member>();
  /** Whether the next `publish` tells of presence also if nothing else happened. */
  #presenceDue = false;
  /** Members that wait for missed history, with the live events that are held for them meanwhile. */
  readonly #held = new Map<Member, Held>();

  constructor(name: string) {
    this.name = name;
  }

  /** The members' names, in order of entering. */
  userList(): string[] {
    return Array.from(this.members, ({ name }) => name);
  }

  /** The count of members and, in a room that is not too large, their names. */
  presence(): { user_count: number; user_list?: string[] } {
    const user_count = this.members.size;
    return user_count > MAX_USER_LIST ? { user_count } : { user_count, user_list: this.userList() };
  }

  /** Adds an event to the room's sequence. Its fields may still be set until `publish`. */
  record(event: ServerMessage): void {
    this.#events.push(event);
  }

  /** Adds the event that a member is typing, for all but itself. */
  recordTyping(client: Member): void {
    const event: ServerMessage = { type: "typing", room: this.name, from: client.name };
    this.#events.push(event);
    this.#typists.set(event, client);
    if (!this.#stays.has(client)) this.#stays.set(client, [{ from: 0, to: Infinity }]);
  }

  /** Whether entries and leaves, which a large room need not see at once, wait to be told. */
  get presenceWaits(): boolean {
    return this.#events.length > 0;
  }

  /** Has the next `publish` tell everybody of the entries and leaves that wait. */
  tellPresence(): void {
    this.#presenceDue = true;
  }

  /** Lets a client in: it sees what is recorded from now on. */
  enter(client: Member): void {
    this.members.add(client);
    this.#moved.add(client);
    const stay = { from: this.#events.length, to: Infinity };
    const stays = this.#stays.get(client);
    if (stays === undefined) this.#stays.set(client, [stay]);
    else stays.push(stay);
  }

  /**
   * Lets a client go: it sees what was recorded until now. If it still waits for history, it sees
   * its own entry and the event recorded last, its leaving, only: what came between would look like
   * all there was, and it could not resume from it.
   */
  leave(client: Member): void {
    this.members.delete(client);
    this.#moved.add(client);
    const to = this.#events.length;
    const stays = this.#stays.get(client) ?? [];
    const current = stays.at(-1)?.to === Infinity ? stays.pop() : undefined;
    const held = this.#held.get(client);
    if (held === undefined) stays.push({ from: current?.from ?? 0, to });
    else {
      this.#held.delete(client);
      const entry = held.entry === undefined ? -1 : this.#events.indexOf(held.entry);
      if (entry >= 0) stays.push({ from: entry, to: entry + 1 });
      stays.push({ from: to - 1, to });
    }
    this.#stays.set(client, stays);
  }

  /**
   * Holds a member's events until `release`. If they are held already, for a history that was asked
   * for earlier, they stay so, and only the new `Held` releases them.
   *
   * @param entered whether the event recorded last is its own entry
   */
  hold(client: Member, entered: boolean): Held {
    const { events, entry } = this.#held.get(client) ??
      { events: [], entry: entered ? this.#events.at(-1) : undefined };
    const held = { events, entry };
    this.#held.set(client, held);
    return held;
  }

  /**
   * Ends `hold`.
   *
   * @param last greatest `seq` that the member has been given; held messages up to it are left out
   * @returns the held events; `undefined` if it has left since then or asked for history once more
   */
  release(client: Member, held: Held, last: number): ServerMessage[] | undefined {
    if (this.#held.get(client) !== held) return undefined;
    this.#held.delete(client);
    return held.events.filter((event) =>
      event.type !== "user" && event.type !== "file" || event.seq > last
    );
  }

  /** Holds an answer back with a member's events. Returns false if they are not held. */
  holdBack(client: Member, answer: UserMessage): boolean {
    const held = this.#held.get(client);
    held?.events.push(answer);
    return held !== undefined;
  }

  /**
   * Sends the turn's events to those who are to see them, and begins a new turn. Until it resolves,
   * nothing may be recorded, and nobody may enter or leave.
   *
   * In a large room, where somebody comes or goes all the time, entries and leaves alone are told
   * only to whom they concern; all others see them with whatever happens next, or after
   * `tellPresence`. Else ten thousand members entering would cost fifty million frames.
   *
   * @param dropped events that did not come about after all
   * @param pace when to pause on the way
   */
  async publish(dropped: ReadonlySet<ServerMessage>, pace: FlushThrottle): Promise<void> {
    if (this.#mayWait()) return this.#publishToMoved();
    const events = this.#events;
    this.#events = [];
    this.#presenceDue = false;
    const kept = dropped.size === 0 ? events : events.filter((event) => !dropped.has(event));
    for (const client of this.#held.keys()) {
      if (!this.#stays.has(client)) this.#stays.set(client, [{ from: 0, to: Infinity }]);
    }
    if (kept.length > 0) {
      const delivery = new Delivery(kept);
      for (const member of this.members) {
        if (!this.#stays.has(member) && pace.give(member.deliver(delivery))) await pace.pause();
      }
    }
    for (const [client, stays] of this.#stays) {
      const seen = stays.flatMap(({ from, to }) => events.slice(from, to))
        .filter((event) => !dropped.has(event) && this.#typists.get(event) !== client);
      if (!client.gone) this.#deliverPart(client, seen);
    }
    this.#stays.clear();
    this.#typists.clear();
    this.#moved.clear();
  }

  #mayWait(): boolean {
    return !this.#presenceDue && this.members.size > MAX_USER_LIST &&
      this.#events.length < MAX_PRESENCE &&
      this.#events.every(({ type }) => type === "login" || type === "logout");
  }

  /** Sends who entered or left in this turn what it is to see by now, and nobody else anything. */
  #publishToMoved(): void {
    const to = this.#events.length;
    for (const client of this.#moved) {
      const stays = this.#stays.get(client) ?? [];
      const seen = stays.flatMap(({ from, to }) => this.#events.slice(from, to));
      if (!client.gone) this.#deliverPart(client, seen);
      if (this.members.has(client)) this.#stays.set(client, [{ from: to, to: Infinity }]);
      else this.#stays.delete(client);
    }
    this.#moved.clear();
  }

  /** Sends a client its own part of the turn, or holds it. */
  #deliverPart(client: Member, seen: ServerMessage[]): void {
    const held = this.#held.get(client);
    if (held === undefined) {
      client.deliver(new Delivery(seen));
      return;
    }
    if (held.entry !== undefined) {
      client.deliver(new Delivery(seen.splice(0, seen.indexOf(held.entry) + 1)));
      held.entry = undefined;
    }
    for (const event of seen) held.events.push(event);
    if (held.events.length > MAX_HELD) client.fallBehind();
  }
}
