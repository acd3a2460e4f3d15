/**
 * Who is where: names, connections and rooms, and the presence events that every change of them
 * records. Owned by the hub's loop; nobody else changes it.
 *
 * @module
 */
import type { Client } from "../client.ts";
import { foldName } from "../protocol.ts";
import { Room } from "./room.ts";

/** Names that a connection may have had and still be the author of what was said under them. */
const MAX_KEYS = 16;

/** Sessions of earlier connections that a connection answers for: so many broken lines in a row. */
const MAX_SESSIONS = 8;

/** Who is where. */
export class Registry {
  /** Every connection, by its number, in order of arrival. */
  readonly clients = new Map<number, Client>();
  /** The rooms that have members, by name. */
  readonly rooms = new Map<string, Room>();
  /** Rooms in which something was recorded since they were last taken. */
  #touched = new Set<Room>();
  /** Connections by the sessions that they answer for. */
  readonly #sessions = new Map<string, Client>();
  /** Who went by each folded name last, unless it has logged out: one at most for each name. */
  readonly #owners = new Map<string, Client>();

  /** Rooms in which something has happened, emptied ones included; the next call begins anew. */
  takeTouched(): Iterable<Room> {
    const touched = this.#touched;
    this.#touched = new Set();
    return touched;
  }

  /** The room for an event that is to be recorded in it, so that it will be published. */
  touch(room: Room): Room {
    this.#touched.add(room);
    return room;
  }

  /** Who goes by this name, in whatever letter case. */
  byName(name: string): Client | undefined {
    const key = foldName(name);
    const owner = this.#owners.get(key);
    return owner !== undefined && foldName(owner.name) === key ? owner : undefined;
  }

  /** Which connection answers for a session: the one that has it, or that took its place. */
  bySession(session: string): Client | undefined {
    return this.#sessions.get(session);
  }

  /** Makes a connection answer for these earlier sessions beside its own, and for no others. */
  setLineage(client: Client, earlier: readonly string[]): void {
    this.forgetSessions(client);
    client.sessions.splice(1, Infinity, ...earlier.slice(0, MAX_SESSIONS - 1));
    for (const session of client.sessions) {
      const other = this.#sessions.get(session);
      if (other === undefined || other.gone) this.#sessions.set(session, client);
    }
  }

  /** Forgets the sessions of a connection that is gone. */
  forgetSessions(client: Client): void {
    for (const session of client.sessions) {
      if (this.#sessions.get(session) === client) this.#sessions.delete(session);
    }
  }

  /** Gives a free name to a connection that has none, or another one to one that has. */
  setName(client: Client, name: string): void {
    client.name = name;
    this.#own(client, foldName(name));
  }

  /** Logs a connection out, and makes another one the author of what it said. */
  replace(holder: Client, client: Client): void {
    const keys = [...holder.keys];
    this.logout(holder);
    for (const key of keys) this.#own(client, key);
  }

  /**
   * Makes a connection the author of what is said under a folded name. Whoever had the name before is
   * that no longer: else it could change what its new owner says.
   */
  #own(client: Client, key: string): void {
    this.#owners.get(key)?.keys.delete(key);
    this.#owners.set(key, client);
    client.keys.delete(key); // so that it becomes the newest
    client.keys.add(key);
    if (client.keys.size <= MAX_KEYS) return;
    const [oldest = key] = client.keys;
    client.keys.delete(oldest);
    this.#owners.delete(oldest);
  }

  /** Changes a name in every room that the connection is in. Returns those rooms' count. */
  rename(client: Client, name: string, id: string | undefined): number {
    const from = client.name;
    this.setName(client, name);
    for (const room of client.rooms) {
      this.touch(room).record({
        type: "rename",
        room: room.name,
        from,
        content: name,
        ...room.presence(),
        ...(id !== undefined && { id }),
      });
    }
    return client.rooms.size;
  }

  /** Lets a logged-in connection into a room. */
  enter(client: Client, name: string, id: string | undefined): Room {
    let room = this.rooms.get(name);
    if (room === undefined) this.rooms.set(name, room = new Room(name));
    room.enter(client);
    client.rooms.add(room);
    this.#recordPresence("login", room, client, id);
    return room;
  }

  /** Lets a member go from a room. The last one's leaving ends the room. */
  leave(client: Client, room: Room, id?: string): void {
    client.rooms.delete(room);
    room.members.delete(client);
    this.#recordPresence("logout", room, client, id);
    room.leave(client);
    if (room.members.size === 0) this.rooms.delete(room.name);
  }

  /** Has large rooms told of the entries and leaves that wait there. */
  tellPresence(): void {
    for (const room of this.rooms.values()) {
      if (room.presenceWaits) this.touch(room).tellPresence();
    }
  }

  /** Takes a connection out of every room and gives its name back. */
  logout(client: Client, id?: string): void {
    for (const room of client.rooms) this.leave(client, room, id);
    for (const key of client.keys) this.#owners.delete(key);
    client.name = "";
    client.keys.clear();
  }

  #recordPresence(type: "login" | "logout", room: Room, client: Client, id?: string): void {
    this.touch(room).record({
      type,
      room: room.name,
      content: client.name,
      from: client.name,
      ...room.presence(),
      ...(id !== undefined && { id }),
    });
  }
}
