/**
 * The hub's own records of a connection, logged in or not, and of a user who is connected. Owned by the
 * hub's loop.
 *
 * @module
 */
import type { Connection } from "../client.ts";
import type { Principal } from "../people/principal.ts";
import type { Visit } from "../people/visits.ts";
import {
  type ClientRequest,
  isDirectRoom,
  type Role,
  type ServerMessage,
  shownRoom,
  type User,
  type UserId,
  type UserMessage,
} from "../protocol.ts";
import type { Requester } from "./batch.ts";
import type { Room } from "./room.ts";

/** A user with one or more connections that have logged in. */
export class LiveUser implements User {
  readonly id: UserId;
  name: string;
  role: Role;
  /** Whether the user is kept after its last connection has ended: only then it has memberships. */
  remembered: boolean;
  /** Number of its latest visit. */
  visit: number;
  /** Its connections, in order of their logins. */
  readonly participants = new Set<Participant>();

  constructor({ user, remembered, visit }: Pick<Visit, "user" | "remembered" | "visit">) {
    this.id = user.id;
    this.name = user.name;
    this.role = user.role;
    this.remembered = remembered;
    this.visit = visit;
  }

  /** The user as messages name it: a copy. */
  toUser(): User {
    return { id: this.id, name: this.name, role: this.role };
  }
}

/** The user of a connection that has not logged in. */
export const NOBODY = new LiveUser({
  user: { id: "", name: "", role: "guest" },
  remembered: false,
  visit: 0,
});

/** A connection, and what it does in the chat. */
export class Participant implements Requester {
  readonly connection: Connection;
  /** When it was opened, in milliseconds since 1970. */
  readonly since: number;
  /** The rooms it is in, the one entered last at the end. */
  readonly rooms = new Set<Room>();
  /** Answers from the store that it waits for. */
  reads = 0;
  /** Requests that wait until an earlier one has been looked up; absent: none is being looked up. */
  waiting: ClientRequest[] | undefined;
  /** Whether the connection has ended, and is to be removed once no requests wait. */
  hasEnded = false;
  /** Which of all logins its last one was: 1, 2, 3, … */
  login = 0;
  /** Secret that becomes the session of a new guest. */
  secret: string;
  #user: LiveUser = NOBODY;
  #principal: Principal;

  constructor(connection: Connection, since: number) {
    this.connection = connection;
    this.since = since;
    this.secret = connection.session;
    this.#principal = connection.principal;
  }

  /** Who is logged in on it; `NOBODY` while nobody is. */
  get user(): LiveUser {
    return this.#user;
  }

  get number(): number {
    return this.connection.number;
  }

  get isLoggedIn(): boolean {
    return this.#user !== NOBODY;
  }

  /** As the policy sees them. */
  get principal(): Principal {
    return this.#principal;
  }

  /** Whether it is shown its user's direct conversations: not if it may see certain rooms only. */
  get hearsConversations(): boolean {
    return this.#principal.rooms === undefined;
  }

  /** Set by the registry only. */
  setUser(user: LiveUser, grants: Omit<Principal, "user">): void {
    this.#user = user;
    this.#principal = user === NOBODY ? this.connection.principal : { ...grants, user };
  }

  /** The room entered last, for requests that name none. */
  get currentRoom(): Room | undefined {
    let last: Room | undefined;
    for (const room of this.rooms) last = room;
    return last;
  }

  /** The room of this name that it is in. */
  room(name: string): Room | undefined {
    for (const room of this.rooms) if (room.name === name) return room;
    return undefined;
  }

  /** Tells the connection who it now is. Must be called after each change of name or rooms. */
  tellConnection(): void {
    this.connection.membership = {
      user: this.#user.id,
      name: this.#user.name,
      role: this.#user.role,
      rooms: Array.from(this.rooms, ({ name }) => name),
    };
  }

  answer(messages: readonly ServerMessage[]): void {
    this.connection.answer(messages.map((message) => this.#shown(message)));
  }

  /**
   * Answers a resend with the message that it made the first time. If the room's events are buffered
   * for it, it joins these: a later message shown first would hide that some are still missing.
   */
  repeat(message: UserMessage, room: Room | undefined): void {
    const own = message.by === this.#user.id ? { ...message, from: this.#user.name } : message;
    if (room?.buffer(this, own)) return;
    this.answer(room?.show([own], this) ?? [own]);
  }

  withholds(type: ServerMessage["type"]): boolean {
    return this.connection.codec.withholds(type);
  }

  /** A message about a direct conversation, as one of the two is shown it. */
  #shown(message: ServerMessage): ServerMessage {
    if (!("room" in message) || !isDirectRoom(message.room)) return message;
    return { ...message, room: shownRoom(message.room, this.#user.id) };
  }
}
