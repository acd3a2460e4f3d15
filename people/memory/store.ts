/**
 * The people store that holds everything in memory and loses it with the process: for trying things out
 * (`--data :memory:`) and for tests. Changes never fail.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { UserId } from "../../protocol.ts";
import type { SessionId } from "../principal.ts";
import type {
  InviteRecord,
  NewUser,
  PasskeyRecord,
  PeopleStore,
  SessionRecord,
  UserChange,
  UserRefusal,
} from "../store.ts";
import { Sessions } from "./sessions.ts";
import { Users } from "./users.ts";

/** Creates an empty store. */
export function createMemoryPeople(): PeopleStore {
  return new MemoryPeople();
}

class MemoryPeople implements PeopleStore {
  readonly #users = new Users((user) => this.#note(user));
  readonly #sessions = new Sessions((user) => this.#note(user));
  readonly #passwords = new Map<UserId, string>();
  readonly #passkeys = new Map<string, PasskeyRecord>();
  /** Users by issuer and subject. */
  readonly #identities = new Map<string, UserId>();
  /** By digest. */
  readonly #invites = new Map<string, InviteRecord>();
  readonly #ceremonies = new Map<string, { value: string; expires: number }>();
  #changed: (user: UserId) => void = () => {};
  #noted = new Set<UserId>();
  #closed = false;

  add(user: NewUser) {
    return this.#attempt(() => this.#users.add(user));
  }

  find(id: UserId) {
    return this.#attempt(() => copy(this.#users.find(id)));
  }

  findByName(name: string) {
    return this.#attempt(() => copy(this.#users.findByName(name)));
  }

  findMany(ids: readonly UserId[]) {
    return this.#attempt(() => this.#users.findMany(ids).map((user) => ({ ...user })));
  }

  list(page: { after?: string; limit: number }) {
    return this.#attempt(() => this.#users.list(page).map((user) => ({ ...user })));
  }

  visit(id: UserId, name: string, now: number) {
    return this.#attempt(() => this.#users.visit(id, name, now));
  }

  leave(id: UserId, visit: number, now: number) {
    return this.#attempt(() => this.#users.leave(id, visit, now));
  }

  rename(id: UserId, name: string) {
    return this.#attempt(() => this.#users.rename(id, name));
  }

  change(id: UserId, change: UserChange) {
    return this.#attempt(() => this.#users.change(id, change));
  }

  remove(id: UserId): Promise<UserRefusal | undefined> {
    return this.#attempt(() => {
      const refusal = this.#users.remove(id);
      if (refusal === undefined) this.#forget(new Set([id]));
      return refusal;
    });
  }

  countAdmins() {
    return this.#attempt(() => this.#users.countAdmins());
  }

  expire(limits: { away: number; seen: number }) {
    return this.#attempt(() => {
      const ids = this.#users.expire(limits);
      if (ids.length > 0) this.#forget(new Set(ids));
      return ids;
    });
  }

  setPassword(user: UserId, hash: string) {
    return this.#attempt(() => {
      this.#assertExists(user);
      this.#passwords.set(user, hash);
    });
  }

  password(user: UserId) {
    return this.#attempt(() => this.#passwords.get(user));
  }

  addPasskey(passkey: PasskeyRecord) {
    return this.#attempt(() => {
      if (this.#passkeys.has(passkey.id)) return false;
      this.#assertExists(passkey.user);
      this.#passkeys.set(passkey.id, copyPasskey(passkey));
      return true;
    });
  }

  findPasskey(id: string) {
    return this.#attempt(() => {
      const passkey = this.#passkeys.get(id);
      return passkey && copyPasskey(passkey);
    });
  }

  passkeys(user: UserId) {
    return this.#attempt(() =>
      [...this.#passkeys.values()]
        .filter((passkey) => passkey.user === user)
        .sort((a, b) => a.created - b.created || byId(a, b))
        .map(copyPasskey)
    );
  }

  usedPasskey(id: string, counter: number, now: number) {
    return this.#attempt(() => {
      const passkey = this.#passkeys.get(id);
      if (passkey !== undefined) this.#passkeys.set(id, { ...passkey, counter, used: now });
    });
  }

  removePasskey(user: UserId, id: string) {
    return this.#attempt(() => this.#passkeys.get(id)?.user === user && this.#passkeys.delete(id));
  }

  findIdentity(issuer: string, subject: string) {
    return this.#attempt(() => this.#identities.get(identityKey(issuer, subject)));
  }

  addIdentity(issuer: string, subject: string, user: UserId) {
    return this.#attempt(() => {
      const key = identityKey(issuer, subject);
      if (this.#identities.has(key)) return false;
      this.#assertExists(user);
      this.#identities.set(key, user);
      return true;
    });
  }

  addSession(session: SessionRecord, digest: Uint8Array) {
    return this.#attempt(() => {
      this.#assertExists(session.user);
      this.#sessions.add(session, digest);
    });
  }

  findSession(digest: Uint8Array) {
    return this.#attempt(() => {
      const session = this.#sessions.find(digest);
      const user = session && this.#users.find(session.user);
      return session && user && { session: { ...session }, user: { ...user } };
    });
  }

  usedSession(id: SessionId, use: Pick<SessionRecord, "seen" | "expires" | "ip">) {
    return this.#attempt(() => this.#sessions.used(id, use));
  }

  sessions(user: UserId) {
    return this.#attempt(() => this.#sessions.list(user));
  }

  endSession(user: UserId, id: SessionId) {
    return this.#attempt(() => this.#sessions.end(user, id));
  }

  endSessions(user: UserId, except?: SessionId) {
    return this.#attempt(() => this.#sessions.endAll(user, except));
  }

  expireSessions(now: number) {
    return this.#attempt(() => {
      this.#expireCeremonies(now);
      return this.#sessions.expire(now);
    });
  }

  addInvite(invite: InviteRecord, digest: Uint8Array) {
    return this.#attempt(() => {
      if (invite.by !== undefined) this.#assertExists(invite.by);
      const key = keyOf(digest);
      if (
        this.#invites.has(key) || [...this.#invites.values()].some(({ id }) => id === invite.id)
      ) {
        throw new Error("Cannot add an invitation: its id or digest is in use");
      }
      this.#invites.set(key, copyInvite(invite));
    });
  }

  findInvite(digest: Uint8Array) {
    return this.#attempt(() => {
      const invite = this.#invites.get(keyOf(digest));
      return invite && copyInvite(invite);
    });
  }

  useInvite(digest: Uint8Array, now: number) {
    return this.#attempt(() => {
      const invite = this.#invites.get(keyOf(digest));
      if (invite === undefined || !isUsable(invite, now)) return undefined;
      const used = { ...invite, uses: invite.uses - 1 };
      this.#invites.set(keyOf(digest), used);
      return copyInvite(used);
    });
  }

  invites(now: number, by?: UserId) {
    return this.#attempt(() =>
      [...this.#invites.values()]
        .filter((invite) => isUsable(invite, now) && (by === undefined || invite.by === by))
        .sort((a, b) => b.created - a.created || byId(a, b))
        .map(copyInvite)
    );
  }

  removeInvite(id: string) {
    return this.#attempt(() => deleteWhere(this.#invites, (invite) => invite.id === id) === 1);
  }

  putCeremony(id: string, value: string, expires: number) {
    return this.#attempt(() => void this.#ceremonies.set(id, { value, expires }));
  }

  takeCeremony(id: string, now: number) {
    return this.#attempt(() => {
      this.#expireCeremonies(now);
      const ceremony = this.#ceremonies.get(id);
      this.#ceremonies.delete(id);
      return ceremony?.value;
    });
  }

  watch(changed: (user: UserId) => void): void {
    this.#changed = changed;
  }

  close(): Promise<void> {
    this.#closed = true;
    return Promise.resolve();
  }

  /** Wraps a result, or an error, in a promise. */
  // deno-lint-ignore require-await -- what is thrown becomes a rejection
  async #attempt<T>(act: () => T): Promise<T> {
    if (this.#closed) throw new Error("Cannot use the people store: it is closed");
    return act();
  }

  /** Tells once of each user that a change concerns, after the change. */
  #note(user: UserId): void {
    this.#noted.add(user);
    if (this.#noted.size > 1) return;
    queueMicrotask(() => {
      const users = this.#noted;
      this.#noted = new Set();
      for (const one of users) this.#changed(one);
    });
  }

  #assertExists(user: UserId): void {
    if (this.#users.find(user) === undefined) throw new Error("There is no such user");
  }

  /** Removes what belongs to users who are gone. */
  #forget(users: ReadonlySet<UserId>): void {
    for (const user of users) {
      this.#passwords.delete(user);
      this.#sessions.endAll(user);
    }
    deleteWhere(this.#passkeys, ({ user }) => users.has(user));
    deleteWhere(this.#identities, (user) => users.has(user));
    deleteWhere(this.#invites, ({ by }) => by !== undefined && users.has(by));
  }

  #expireCeremonies(now: number): void {
    deleteWhere(this.#ceremonies, ({ expires }) => expires <= now);
  }
}

/** Returns how many entries were removed. */
function deleteWhere<T>(map: Map<string, T>, matches: (value: T) => boolean): number {
  const before = map.size;
  for (const [key, value] of map) if (matches(value)) map.delete(key);
  return before - map.size;
}

function isUsable({ uses, expires }: InviteRecord, now: number): boolean {
  return uses > 0 && expires > now;
}

function copy<T extends object>(value: T | undefined): T | undefined {
  return value && { ...value };
}

function copyPasskey(passkey: PasskeyRecord): PasskeyRecord {
  const { publicKey, transports } = passkey;
  return { ...passkey, publicKey: publicKey.slice(), transports: [...transports] };
}

function copyInvite(invite: InviteRecord): InviteRecord {
  return { ...invite, rooms: [...invite.rooms] };
}

function byId(a: { id: string }, b: { id: string }): number {
  return a.id < b.id ? -1 : 1;
}

function keyOf(digest: Uint8Array): string {
  return Buffer.from(digest).toString("hex");
}

/** Unambiguous for any two strings. */
function identityKey(issuer: string, subject: string): string {
  return JSON.stringify([issuer, subject]);
}
