/**
 * The hub's own record of who is behind a connection: name, rooms, and what they are waiting for. Only
 * the hub's loop reads and changes it; everybody else knows the connection.
 *
 * @module
 */
import type { Connection } from "../client.ts";
import type { Principal } from "../people/principal.ts";
import type { ServerMessage, UserMessage } from "../protocol.ts";
import type { Requester } from "./batch.ts";
import type { Room } from "./room.ts";

/** Somebody who is connected, logged in or not. */
export class Participant implements Requester {
  readonly connection: Connection;
  /** Folded names that they have had since login: the messages of these are their own. */
  readonly keys = new Set<string>();
  /** This connection's session, then those of the connections that it came back for, newest first. */
  readonly sessions: string[];
  /** The rooms they are in, the one entered last at the end. */
  readonly rooms = new Set<Room>();
  /** Answers from the store that they wait for. */
  reads = 0;
  #name = "";
  #principal: Principal;

  constructor(connection: Connection) {
    this.connection = connection;
    this.sessions = [connection.session];
    this.#principal = connection.principal;
  }

  /** The name they are logged in with; empty while they are not. */
  get name(): string {
    return this.#name;
  }

  /** Set by the registry only. */
  set name(name: string) {
    const { principal } = this.connection;
    this.#name = name;
    // A bot stays the one whose secret it has, whatever name it goes by.
    this.#principal = name === "" || principal.role === "bot"
      ? principal
      : { ...principal, user: { name } };
  }

  get number(): number {
    return this.connection.number;
  }

  get isLoggedIn(): boolean {
    return this.#name !== "";
  }

  /** As the policy sees them. */
  get principal(): Principal {
    return this.#principal;
  }

  /** The room entered last, for requests that name none. */
  get currentRoom(): Room | undefined {
    let last: Room | undefined;
    for (const room of this.rooms) last = room;
    return last;
  }

  /** The room of this name that they are in. */
  room(name: string): Room | undefined {
    for (const room of this.rooms) if (room.name === name) return room;
    return undefined;
  }

  /** Tells the connection who it now is. Must be called after each change of name or rooms. */
  tellConnection(): void {
    this.connection.membership = {
      name: this.name,
      rooms: Array.from(this.rooms, ({ name }) => name),
    };
  }

  answer(messages: readonly ServerMessage[]): void {
    this.connection.answer(messages);
  }

  /**
   * Answers a resend with the message that it made the first time. If the room's events are buffered
   * for them, it joins these: a later message shown first would hide that some are still missing.
   */
  repeat(message: UserMessage): void {
    if (this.room(message.room)?.buffer(this, message)) return;
    this.answer([message]);
  }

  withholds(type: ServerMessage["type"]): boolean {
    return this.connection.codec.withholds(type);
  }
}
