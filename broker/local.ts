/**
 * The broker of a single server: what is published is delivered in the same tick, at no cost.
 *
 * @module
 */
import type { Broker, ConnectionNumber, Publication, RoomPresence, Subscriber } from "./broker.ts";

/** Connects a server with itself. */
export class LocalBroker implements Broker {
  #subscriber: Subscriber | undefined;
  readonly #rooms = new Map<string, LocalPresence>();
  readonly #names = new Map<string, ConnectionNumber>();

  subscribe(subscriber: Subscriber): void {
    this.#subscriber = subscriber;
  }

  publish(publication: Publication): Promise<void> {
    return this.#subscriber?.deliver(publication) ?? Promise.resolve();
  }

  presence(room: string): RoomPresence {
    const presence = this.#rooms.get(room);
    return presence ?? new LocalPresence(room, this.#rooms);
  }

  claimName(key: string, connection: ConnectionNumber): boolean {
    const owner = this.#names.get(key) ?? connection;
    if (owner !== connection) return false;
    this.#names.set(key, connection);
    return true;
  }

  releaseName(key: string, connection: ConnectionNumber): void {
    if (this.#names.get(key) === connection) this.#names.delete(key);
  }

  findName(key: string): ConnectionNumber | undefined {
    return this.#names.get(key);
  }
}

class LocalPresence implements RoomPresence {
  readonly #room: string;
  readonly #rooms: Map<string, LocalPresence>;
  /** In order of entering. */
  readonly #members = new Map<ConnectionNumber, string>();

  /** @param rooms holds this presence under the room's name while somebody is there */
  constructor(room: string, rooms: Map<string, LocalPresence>) {
    this.#room = room;
    this.#rooms = rooms;
  }

  get size(): number {
    return this.#members.size;
  }

  names(): string[] {
    return [...this.#members.values()];
  }

  enter(connection: ConnectionNumber, name: string): void {
    if (this.#members.size === 0) this.#rooms.set(this.#room, this);
    this.#members.set(connection, name);
  }

  rename(connection: ConnectionNumber, name: string): void {
    if (this.#members.has(connection)) this.#members.set(connection, name);
  }

  leave(connection: ConnectionNumber): void {
    if (this.#members.delete(connection) && this.#members.size === 0) {
      this.#rooms.delete(this.#room);
    }
  }
}
