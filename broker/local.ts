/**
 * The broker of a single server: what is published is delivered in the same tick, at no cost.
 *
 * @module
 */
import type { User, UserId } from "../protocol.ts";
import type { Broker, Publication, RoomPresence, Subscriber } from "./broker.ts";

/** Connects a server with itself. */
export class LocalBroker implements Broker {
  readonly #rooms = new Map<string, LocalPresence>();
  readonly #online = new Set<UserId>();

  /** The subscriber's own `deliver`: nothing lies in between. */
  publish: (publication: Publication) => Promise<void> = () => Promise.resolve();

  subscribe(subscriber: Subscriber): void {
    this.publish = subscriber.deliver.bind(subscriber);
  }

  presence(room: string): RoomPresence {
    const presence = this.#rooms.get(room);
    return presence ?? new LocalPresence(room, this.#rooms);
  }

  online(user: UserId): void {
    this.#online.add(user);
  }

  offline(user: UserId): void {
    this.#online.delete(user);
  }

  isOnline(user: UserId): boolean {
    return this.#online.has(user);
  }
}

class LocalPresence implements RoomPresence {
  readonly #room: string;
  readonly #rooms: Map<string, LocalPresence>;
  /** In order of entering. */
  readonly #users = new Map<UserId, User>();

  /** @param rooms holds this presence under the room's name while somebody is there */
  constructor(room: string, rooms: Map<string, LocalPresence>) {
    this.#room = room;
    this.#rooms = rooms;
  }

  get size(): number {
    return this.#users.size;
  }

  users(): User[] {
    return [...this.#users.values()];
  }

  has(user: UserId): boolean {
    return this.#users.has(user);
  }

  enter(user: User): void {
    if (this.#users.size === 0) this.#rooms.set(this.#room, this);
    this.#users.set(user.id, user);
  }

  update(user: User): void {
    if (this.#users.has(user.id)) this.#users.set(user.id, user);
  }

  leave(user: UserId): void {
    if (this.#users.delete(user) && this.#users.size === 0) this.#rooms.delete(this.#room);
  }
}
