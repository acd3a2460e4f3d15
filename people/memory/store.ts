/**
 * The people store that holds everything in memory and loses it with the process: for trying things out
 * (`--data :memory:`) and for tests. Changes never fail.
 *
 * @module
 */
import type { UserId } from "../../protocol.ts";
import type { SessionId } from "../principal.ts";
import type {
  InviteRecord,
  NewAuditEntry,
  NewUser,
  PasskeyRecord,
  PeopleStore,
  SanctionRecord,
  SessionRecord,
  UserChange,
  UserRefusal,
  UsersPage,
} from "../store.ts";
import { Administration } from "./administration.ts";
import { Credentials } from "./credentials.ts";
import { Invites } from "./invites.ts";
import { Sessions } from "./sessions.ts";
import { Users } from "./users.ts";

/** Creates an empty store. */
export function createMemoryPeople(): PeopleStore {
  return new MemoryPeople();
}

class MemoryPeople implements PeopleStore {
  /** Memory does not fail. */
  readonly failed = new Promise<never>(() => {});
  readonly #users = new Users((user) => this.#note(user));
  readonly #sessions = new Sessions((user) => this.#note(user));
  readonly #credentials = new Credentials();
  readonly #invites = new Invites();
  readonly #administration = new Administration(() =>
    queueMicrotask(() => this.#sanctionsChanged())
  );
  #changed: (user: UserId) => void = () => {};
  #sanctionsChanged: () => void = () => {};
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

  list(page: UsersPage) {
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
      this.#credentials.setPassword(user, hash);
    });
  }

  password(user: UserId) {
    return this.#attempt(() => this.#credentials.password(user));
  }

  addPasskey(passkey: PasskeyRecord) {
    return this.#attempt(() => {
      if (this.#credentials.hasPasskey(passkey.id)) return false;
      this.#assertExists(passkey.user);
      this.#credentials.addPasskey(passkey);
      return true;
    });
  }

  findPasskey(id: string) {
    return this.#attempt(() => this.#credentials.findPasskey(id));
  }

  passkeys(user: UserId) {
    return this.#attempt(() => this.#credentials.passkeys(user));
  }

  usedPasskey(id: string, counter: number, now: number) {
    return this.#attempt(() => this.#credentials.usedPasskey(id, counter, now));
  }

  removePasskey(user: UserId, id: string) {
    return this.#attempt(() => this.#credentials.removePasskey(user, id));
  }

  findIdentity(issuer: string, subject: string) {
    return this.#attempt(() => this.#credentials.findIdentity(issuer, subject));
  }

  identities(user: UserId) {
    return this.#attempt(() => this.#credentials.identities(user));
  }

  addIdentity(issuer: string, subject: string, user: UserId) {
    return this.#attempt(() => {
      if (this.#credentials.findIdentity(issuer, subject) !== undefined) return false;
      this.#assertExists(user);
      this.#credentials.addIdentity(issuer, subject, user);
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

  addInvite(invite: InviteRecord, digest: Uint8Array) {
    return this.#attempt(() => {
      if (invite.by !== undefined) this.#assertExists(invite.by);
      this.#invites.add(invite, digest);
    });
  }

  findInvite(digest: Uint8Array) {
    return this.#attempt(() => this.#invites.find(digest));
  }

  useInvite(digest: Uint8Array, now: number) {
    return this.#attempt(() => this.#invites.use(digest, now));
  }

  invites(now: number, by?: UserId) {
    return this.#attempt(() => this.#invites.list(now, by));
  }

  removeInvite(id: string) {
    return this.#attempt(() => this.#invites.remove(id));
  }

  putCeremony(id: string, value: string, expires: number) {
    return this.#attempt(() => this.#credentials.putCeremony(id, value, expires));
  }

  takeCeremony(id: string, now: number) {
    return this.#attempt(() => this.#credentials.takeCeremony(id, now));
  }

  addSanction(sanction: SanctionRecord, entry?: NewAuditEntry) {
    return this.#attempt(() => {
      this.#administration.addSanction(sanction);
      if (entry !== undefined) this.#administration.addAudit(entry);
    });
  }

  sanctions() {
    return this.#attempt(() => this.#administration.sanctions());
  }

  removeSanction(id: string, entry?: NewAuditEntry) {
    return this.#attempt(() => {
      const removed = this.#administration.removeSanction(id);
      if (removed !== undefined && entry !== undefined) this.#administration.addAudit(entry);
      return removed;
    });
  }

  watchSanctions(changed: () => void): void {
    this.#sanctionsChanged = changed;
  }

  addAudit(entry: NewAuditEntry) {
    return this.#attempt(() => this.#administration.addAudit(entry));
  }

  audit(page: { before?: number; limit: number }) {
    return this.#attempt(() => this.#administration.audit(page));
  }

  probe() {
    return this.#attempt(() => {});
  }

  prune(now: number) {
    return this.#attempt(() => {
      this.#credentials.expireCeremonies(now);
      this.#invites.expire(now);
      this.#sessions.expire(now);
      this.#administration.expire(now);
      this.#administration.trimAudit();
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
    for (const user of users) this.#sessions.endAll(user);
    this.#credentials.forget(users);
    this.#invites.forget(users);
  }
}

function copy<T extends object>(value: T | undefined): T | undefined {
  return value && { ...value };
}
