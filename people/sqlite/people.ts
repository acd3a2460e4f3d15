/**
 * The methods of the people contract on `people.db`. Reads and changes are carried out at once on the
 * caller's thread, in the order of the calls; the changes of a tick are committed together
 * (`group_commit.ts`).
 *
 * @module
 */
import type { DatabaseSync } from "node:sqlite";
import type { UserId } from "../../protocol.ts";
import type { LogSync } from "../../sqlite/log_sync.ts";
import { formatOf } from "../../sqlite/migrate.ts";
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
  UsersPage,
} from "../store.ts";
import { Administration } from "./administration.ts";
import { ChangeLog, SANCTIONS } from "./change_log.ts";
import { Credentials } from "./credentials.ts";
import { GroupCommit } from "./group_commit.ts";
import { Invites } from "./invites.ts";
import { Sessions } from "./sessions.ts";
import { Users } from "./users.ts";

/** The people in a database. */
export class SqlitePeople implements PeopleStore {
  readonly #db: DatabaseSync;
  readonly #commits: GroupCommit;
  readonly #changes: ChangeLog;
  readonly #users: Users;
  readonly #credentials: Credentials;
  readonly #sessions: Sessions;
  readonly #invites: Invites;
  readonly #administration: Administration;
  readonly #lookMs: number;
  #changed: (user: UserId) => void = () => {};
  #sanctionsChanged: () => void = () => {};
  #timer: ReturnType<typeof setInterval> | undefined;
  #closing: Promise<void> | undefined;

  /**
   * @param db of the newest format; owned from now on
   * @param log its write-ahead log, owned from now on; absent if changes do not wait for the disk
   * @param lookMs how often changes by other processes are looked for, in milliseconds
   */
  constructor(db: DatabaseSync, log: LogSync | undefined, lookMs: number) {
    this.#db = db;
    this.#commits = new GroupCommit(db, log);
    this.#changes = new ChangeLog(db);
    this.#users = new Users(db, this.#changes);
    this.#credentials = new Credentials(db);
    this.#sessions = new Sessions(db, this.#changes);
    this.#invites = new Invites(db);
    this.#administration = new Administration(db, this.#changes);
    this.#lookMs = lookMs;
  }

  get failed(): Promise<Error> {
    return this.#commits.failed;
  }

  /** Ends all visits: the server that they were at has ended. */
  leaveAll(now: number): Promise<void> {
    return this.#write(() => this.#users.leaveAll(now));
  }

  add(user: NewUser) {
    return this.#write(() => this.#users.add(user));
  }

  find(id: UserId) {
    return this.#read(() => this.#users.find(id));
  }

  findByName(name: string) {
    return this.#read(() => this.#users.findByName(name));
  }

  findMany(ids: readonly UserId[]) {
    return this.#read(() => this.#users.findMany(ids));
  }

  list(page: UsersPage) {
    return this.#read(() => this.#users.list(page));
  }

  visit(id: UserId, name: string, now: number) {
    return this.#write(() => this.#users.visit(id, name, now));
  }

  leave(id: UserId, visit: number, now: number) {
    return this.#write(() => this.#users.leave(id, visit, now));
  }

  rename(id: UserId, name: string) {
    return this.#write(() => this.#users.rename(id, name));
  }

  change(id: UserId, change: UserChange) {
    return this.#write(() => this.#users.change(id, change));
  }

  remove(id: UserId) {
    return this.#write(() => this.#users.remove(id));
  }

  countAdmins() {
    return this.#read(() => this.#users.countAdmins());
  }

  expire(limits: { away: number; seen: number }) {
    return this.#write(() => this.#users.expire(limits));
  }

  setPassword(user: UserId, hash: string) {
    return this.#write(() => this.#credentials.setPassword(user, hash));
  }

  password(user: UserId) {
    return this.#read(() => this.#credentials.password(user));
  }

  addPasskey(passkey: PasskeyRecord) {
    return this.#write(() => this.#credentials.addPasskey(passkey));
  }

  findPasskey(id: string) {
    return this.#read(() => this.#credentials.findPasskey(id));
  }

  passkeys(user: UserId) {
    return this.#read(() => this.#credentials.passkeys(user));
  }

  usedPasskey(id: string, counter: number, now: number) {
    return this.#write(() => this.#credentials.usedPasskey(id, counter, now));
  }

  removePasskey(user: UserId, id: string) {
    return this.#write(() => this.#credentials.removePasskey(user, id));
  }

  findIdentity(issuer: string, subject: string) {
    return this.#read(() => this.#credentials.findIdentity(issuer, subject));
  }

  identities(user: UserId) {
    return this.#read(() => this.#credentials.identities(user));
  }

  addIdentity(issuer: string, subject: string, user: UserId) {
    return this.#write(() => this.#credentials.addIdentity(issuer, subject, user));
  }

  addSession(session: SessionRecord, digest: Uint8Array) {
    return this.#write(() => this.#sessions.add(session, digest));
  }

  findSession(digest: Uint8Array) {
    return this.#read(() => {
      const session = this.#sessions.find(digest);
      const user = session && this.#users.find(session.user);
      return session && user && { session, user };
    });
  }

  usedSession(id: SessionId, use: Pick<SessionRecord, "seen" | "expires" | "ip">) {
    return this.#write(() => this.#sessions.used(id, use));
  }

  sessions(user: UserId) {
    return this.#read(() => this.#sessions.list(user));
  }

  endSession(user: UserId, id: SessionId) {
    return this.#write(() => this.#sessions.end(user, id));
  }

  endSessions(user: UserId, except?: SessionId) {
    return this.#write(() => this.#sessions.endAll(user, except));
  }

  addInvite(invite: InviteRecord, digest: Uint8Array) {
    return this.#write(() => this.#invites.add(invite, digest));
  }

  findInvite(digest: Uint8Array) {
    return this.#read(() => this.#invites.find(digest));
  }

  useInvite(digest: Uint8Array, now: number) {
    return this.#write(() => this.#invites.use(digest, now));
  }

  invites(now: number, by?: UserId) {
    return this.#read(() => this.#invites.list(now, by));
  }

  removeInvite(id: string) {
    return this.#write(() => this.#invites.remove(id));
  }

  putCeremony(id: string, value: string, expires: number) {
    return this.#write(() => this.#credentials.putCeremony(id, value, expires));
  }

  takeCeremony(id: string, now: number) {
    return this.#write(() => this.#credentials.takeCeremony(id, now));
  }

  addSanction(sanction: SanctionRecord, entry?: NewAuditEntry) {
    return this.#write(() => {
      this.#administration.addSanction(sanction);
      if (entry !== undefined) this.#administration.addAudit(entry);
    });
  }

  sanctions() {
    return this.#read(() => this.#administration.sanctions());
  }

  removeSanction(id: string, entry?: NewAuditEntry) {
    return this.#write(() => {
      const removed = this.#administration.removeSanction(id);
      if (removed !== undefined && entry !== undefined) this.#administration.addAudit(entry);
      return removed;
    });
  }

  watchSanctions(changed: () => void): void {
    this.#sanctionsChanged = changed;
    this.#lookForChanges();
  }

  addAudit(entry: NewAuditEntry) {
    return this.#write(() => this.#administration.addAudit(entry));
  }

  audit(page: { before?: number; limit: number }) {
    return this.#read(() => this.#administration.audit(page));
  }

  /** SQLite writes the format into the first page, even if it is the same. */
  probe() {
    return this.#write(() => this.#db.exec(`PRAGMA user_version = ${formatOf(this.#db)}`));
  }

  prune(now: number) {
    return this.#write(() => {
      this.#credentials.expireCeremonies(now);
      this.#invites.expire(now);
      this.#sessions.expire(now);
      this.#administration.expire(now);
      this.#administration.trimAudit();
    });
  }

  watch(changed: (user: UserId) => void): void {
    this.#changed = changed;
    this.#lookForChanges();
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    return this.#closing ??= this.#commits.close();
  }

  #lookForChanges(): void {
    if (this.#closing !== undefined) return;
    this.#timer ??= setInterval(() => this.#look(), this.#lookMs);
  }

  #read<T>(act: () => T): Promise<T> {
    return this.#commits.read(act);
  }

  /** Makes a change, and tells of the users that it concerns once it is committed. */
  async #write<T>(act: () => T): Promise<T> {
    const [result, users] = await this.#commits.write(() => {
      this.#changes.take(); // Those of a change that was undone.
      return [act(), this.#changes.take()] as const;
    });
    for (const user of users) queueMicrotask(() => this.#tell(user));
    return result;
  }

  /** Tells of changes by other processes. What cannot be read now is read the next time. */
  #look(): void {
    let users: UserId[] = [];
    try {
      this.#commits.commit();
      users = this.#changes.look();
    } catch {
      // Another process may hold a lock for a moment.
    }
    for (const user of users) this.#tell(user);
  }

  #tell(changed: UserId): void {
    if (changed === SANCTIONS) this.#sanctionsChanged();
    else this.#changed(changed);
  }
}
