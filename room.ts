/**
 * One room: who is in it, and what happened in it during the current turn of the hub. Everything that
 * its members see is one sequence, the same for all; a turn's share of it leaves as one frame to each.
 *
 * @module
 */
import type { Client } from "./client.ts";
import { Delivery } from "./client/framing.ts";
import { MAX_USER_LIST, type ServerMessage } from "./protocol.ts";

/** Most events that are held for a newcomer while history is read; who needs more is given up. */
const MAX_HELD = 10_000;

/** A part of the turn's events: from one index up to another. */
interface Stay {
  from: number;
  to: number;
}

/** The live events that a newcomer is to see after the history it waits for. */
interface Held {
  readonly events: ServerMessage[];
  /** Whether it has been told of its own entry, which is not held. */
  entered: boolean;
}

/** A room that has members. */
export class Room {
  readonly name: string;
  /** In order of entering. */
  readonly members = new Set<Client>();
  #events: ServerMessage[] = [];
  /** Those who are to see another part of this turn than all of it, and which. */
  readonly #stays = new Map<Client, Stay[]>();
  /** Who caused an event that is for the others only. */
  readonly #typists = new Map<ServerMessage, Client>();
  /** Members that wait for missed history, with the live events that are held for them meanwhile. */
  readonly #held = new Map<Client, Held>();

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
  recordTyping(client: Client): void {
    const event: ServerMessage = { type: "typing", room: this.name, from: client.name };
    this.#events.push(event);
    this.#typists.set(event, client);
    if (!this.#stays.has(client)) this.#stays.set(client, [{ from: 0, to: Infinity }]);
  }

  /** Lets a client in: it sees what is recorded from now on. */
  enter(client: Client): void {
    this.members.add(client);
    const stay = { from: this.#events.length, to: Infinity };
    const stays = this.#stays.get(client);
    if (stays === undefined) this.#stays.set(client, [stay]);
    else stays.push(stay);
  }

  /** Lets a client go: it sees what was recorded until now. */
  leave(client: Client): void {
    this.members.delete(client);
    this.#held.delete(client);
    const to = this.#events.length;
    const stay = this.#stays.get(client)?.at(-1);
    if (stay === undefined) this.#stays.set(client, [{ from: 0, to }]);
    else stay.to = to;
  }

  /**
   * Holds a member's events until `release`.
   *
   * @param entered false if its own entry was recorded in this turn: it and what came before is not held
   */
  hold(client: Client, entered: boolean): void {
    this.#held.set(client, { events: [], entered });
  }

  /**
   * Ends `hold`.
   *
   * @param last greatest `seq` that the newcomer has been given; held messages up to it are left out
   * @returns the held events; `undefined` if nothing was held for it, because it has left
   */
  release(client: Client, last: number): ServerMessage[] | undefined {
    const held = this.#held.get(client);
    this.#held.delete(client);
    return held?.events.filter((event) =>
      event.type !== "user" && event.type !== "file" || event.seq > last
    );
  }

  /**
   * Sends the turn's events to those who are to see them, and begins a new turn.
   *
   * @param dropped events that did not come about after all
   */
  publish(dropped: ReadonlySet<ServerMessage>): void {
    const events = this.#events;
    this.#events = [];
    const kept = dropped.size === 0 ? events : events.filter((event) => !dropped.has(event));
    for (const client of this.#held.keys()) {
      if (!this.#stays.has(client)) this.#stays.set(client, [{ from: 0, to: Infinity }]);
    }
    if (kept.length > 0) {
      const delivery = new Delivery(kept);
      for (const member of this.members) if (!this.#stays.has(member)) member.deliver(delivery);
    }
    for (const [client, stays] of this.#stays) {
      const seen = stays.flatMap(({ from, to }) => events.slice(from, to))
        .filter((event) => !dropped.has(event) && this.#typists.get(event) !== client);
      if (!client.gone) this.#deliverPart(client, seen);
    }
    this.#stays.clear();
    this.#typists.clear();
  }

  /** Sends a client its own part of the turn, or holds it. */
  #deliverPart(client: Client, seen: ServerMessage[]): void {
    const held = this.#held.get(client);
    if (held === undefined) return client.deliver(new Delivery(seen));
    if (!held.entered) {
      held.entered = true;
      const entry = seen.findLastIndex(({ type, from }: { type: string; from?: string }) =>
        type === "login" && from === client.name
      );
      client.deliver(new Delivery(seen.splice(0, entry + 1)));
    }
    for (const event of seen) held.events.push(event);
    if (held.events.length > MAX_HELD) client.fallBehind();
  }
}
