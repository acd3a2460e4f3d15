/**
 * Remembers the present names and roles of users: every page of history asks for them.
 *
 * @module
 */
import type { User, UserId } from "../protocol.ts";
import { toUser } from "./sessions.ts";

/** Maximum number of users remembered; the one asked for longest ago is forgotten. */
const MAX_USERS = 2000;

/** Reads users by id, and remembers them. */
export class UserCache {
  readonly #read: (ids: UserId[]) => Promise<readonly User[]>;
  /** Those asked for last are at the end. */
  readonly #users = new Map<UserId, User>();
  /** Counts what was forgotten: what was read before may be out of date after. */
  #version = 0;

  constructor(read: (ids: UserId[]) => Promise<readonly User[]>) {
    this.#read = read;
  }

  /** Those of the users that exist. */
  async get(ids: Iterable<UserId>): Promise<ReadonlyMap<UserId, User>> {
    const found = new Map<UserId, User>();
    const missing: UserId[] = [];
    for (const id of new Set(ids)) {
      const user = this.#users.get(id);
      if (user === undefined) missing.push(id);
      else found.set(id, user), this.#remember(user);
    }
    if (missing.length === 0) return found;
    const version = this.#version;
    for (const record of await this.#read(missing)) {
      const user = toUser(record);
      found.set(user.id, user);
      if (version === this.#version) this.#remember(user);
    }
    return found;
  }

  /** Drops a user, who has changed. */
  forget(id: UserId): void {
    this.#version++;
    this.#users.delete(id);
  }

  #remember(user: User): void {
    this.#users.delete(user.id);
    this.#users.set(user.id, user);
    if (this.#users.size <= MAX_USERS) return;
    for (const oldest of this.#users.keys()) {
      this.#users.delete(oldest);
      return;
    }
  }
}
