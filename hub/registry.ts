/**
 * Who is connected, under which name, in which rooms. Owned by the hub's loop: nobody else reads or
 * changes it.
 *
 * @module
 */
import type { Broker } from "../broker/broker.ts";
import type { Connection } from "../client.ts";
import type { Principal } from "../people/principal.ts";
import { foldName, type ServerMessage, type UserMessage } from "../protocol.ts";
import type { Requester } from "./batch.ts";
import { Room } from "./room.ts";

/** Maximum names that somebody may have had and still be the author of what was said under them. */
const MAX_KEYS = 16;

/** Maximum sessions that a connection answers for: so many broken connections in a row. */
const MAX_SESSIONS = 8;

/** The hub's own record of somebody who is connected, logged in or not. */
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

/** Participants, names and rooms. */
export class Registry {
  readonly #broker: Broker;
  /** In order of arrival. */
  readonly #participants = new Map<number, Participant>();
  readonly #rooms = new Map<string, Room>();
  /** Rooms in which something happened since they were last taken. */
  #touched = new Set<Room>();
  /** Participants by the sessions that they answer for. */
  readonly #sessions = new Map<string, Participant>();
  /** Who had each folded name last, unless they have logged out: at most one for each name. */
  readonly #authors = new Map<string, Participant>();

  constructor(broker: Broker) {
    this.#broker = broker;
  }

  /** Everybody who is connected, in order of arrival. */
  get participants(): Iterable<Participant> {
    return this.#participants.values();
  }

  /** The rooms that somebody is in. */
  get rooms(): Iterable<Room> {
    return this.#rooms.values();
  }

  /** Adds a connection that has just opened. */
  add(connection: Connection): Participant {
    const participant = new Participant(connection);
    this.#participants.set(connection.number, participant);
    this.setSessions(participant, []);
    return participant;
  }

  /** Removes a connection that is gone, from its rooms too. No effect the second time. */
  remove(connection: Connection): void {
    const participant = this.#participants.get(connection.number);
    if (participant === undefined) return;
    this.#participants.delete(connection.number);
    this.#forgetSessions(participant);
    if (participant.isLoggedIn) this.logout(participant);
  }

  /** The participant behind a connection; `undefined` before `add` and after `remove`. */
  find({ number }: { readonly number: number }): Participant | undefined {
    return this.#participants.get(number);
  }

  /** Who is logged in with this name, in whatever letter case. */
  findName(name: string): Participant | undefined {
    const number = this.#broker.findName(foldName(name));
    return number === undefined ? undefined : this.#participants.get(number);
  }

  /** Who answers for a session: the connection that has it, or the one that replaced it. */
  findSession(session: string): Participant | undefined {
    return this.#sessions.get(session);
  }

  findRoom(name: string): Room | undefined {
    return this.#rooms.get(name);
  }

  /** A room in which something is about to be recorded, so that it is published with this batch. */
  touch(name: string): Room {
    let room = this.#rooms.get(name);
    if (room === undefined) {
      this.#rooms.set(name, room = new Room(name, this.#broker.presence(name)));
    }
    this.#touched.add(room);
    return room;
  }

  /** The rooms touched since the last call. */
  takeTouched(): Iterable<Room> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  /** Removes a room that nobody is in. */
  removeIfEmpty(room: Room): void {
    if (room.members.size === 0) this.#rooms.delete(room.name);
  }

  /** Makes a connection answer for these earlier sessions besides its own, and for no others. */
  setSessions(participant: Participant, earlier: readonly string[]): void {
    this.#forgetSessions(participant);
    const { sessions } = participant;
    sessions.splice(1, Infinity, ...earlier.slice(0, MAX_SESSIONS - 1));
    for (const session of sessions) {
      const other = this.#sessions.get(session);
      if (other === undefined || other.connection.isClosed) {
        this.#sessions.set(session, participant);
      }
    }
  }

  /** Gives a name to somebody who has none, or another one to somebody who has. Nobody else has it. */
  setName(participant: Participant, name: string): void {
    const [before, key] = [foldName(participant.name), foldName(name)];
    if (participant.isLoggedIn && before !== key) {
      this.#broker.releaseName(before, participant.number);
    }
    this.#broker.claimName(key, participant.number);
    participant.name = name;
    this.#setAuthor(participant, key);
    participant.tellConnection();
  }

  /** Logs a connection out, and makes another one the author of what it said. */
  replace(replaced: Participant, participant: Participant): void {
    const keys = [...replaced.keys];
    this.logout(replaced);
    for (const key of keys) this.#setAuthor(participant, key);
  }

  /** Changes the name of somebody who is logged in, in all their rooms. */
  rename(participant: Participant, name: string, id: string | undefined): void {
    const from = participant.name;
    this.setName(participant, name);
    for (const room of participant.rooms) this.touch(room.name).rename(participant, from, id);
  }

  /** Lets somebody who is logged in into a room. */
  enter(participant: Participant, name: string, id: string | undefined): Room {
    const room = this.touch(name);
    room.enter(participant, id);
    this.setCurrentRoom(participant, room);
    return room;
  }

  /** Makes a room the one that requests without a room are about. */
  setCurrentRoom(participant: Participant, room: Room): void {
    participant.rooms.delete(room); // so that it becomes the last
    participant.rooms.add(room);
    participant.tellConnection();
  }

  /** Lets a member leave a room. */
  leave(participant: Participant, room: Room, id?: string): void {
    participant.rooms.delete(room);
    this.touch(room.name).leave(participant, id);
    participant.tellConnection();
  }

  /** Takes somebody out of every room and gives the name back. */
  logout(participant: Participant, id?: string): void {
    for (const room of participant.rooms) this.leave(participant, room, id);
    for (const key of participant.keys) this.#authors.delete(key);
    this.#broker.releaseName(foldName(participant.name), participant.number);
    participant.name = "";
    participant.keys.clear();
    participant.tellConnection();
  }

  /**
   * Makes somebody the author of what is said under a folded name. Whoever had the name before is that
   * no longer, or they could change what its new owner says.
   */
  #setAuthor(participant: Participant, key: string): void {
    this.#authors.get(key)?.keys.delete(key);
    this.#authors.set(key, participant);
    participant.keys.delete(key); // so that it becomes the newest
    participant.keys.add(key);
    if (participant.keys.size <= MAX_KEYS) return;
    const [oldest = key] = participant.keys;
    participant.keys.delete(oldest);
    this.#authors.delete(oldest);
  }

  #forgetSessions(participant: Participant): void {
    for (const session of participant.sessions) {
      if (this.#sessions.get(session) === participant) this.#sessions.delete(session);
    }
  }
}
