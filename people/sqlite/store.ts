/**
 * The people store that is kept in a directory, in the SQLite database `people.db`. Several processes may
 * use it at the same time: a server, and the commands that administer it.
 *
 * Reads and changes are carried out at once on the caller's thread, in the order of the calls; the changes
 * of a tick are committed together (`group_commit.ts`).
 *
 * @module
 */
import { join } from "node:path";
import type { DatabaseSync } from "node:sqlite";
import type { Sync } from "../../config/config.ts";
import type { UserId } from "../../protocol.ts";
import { DataError, reasonOf } from "../../sqlite/data_error.ts";
import { type LogSync, openLog } from "../../sqlite/log_sync.ts";
import type { SessionId } from "../principal.ts";
import type {
  InviteRecord,
  NewUser,
  PasskeyRecord,
  PeopleStore,
  SessionRecord,
  UserChange,
} from "../store.ts";
import { ChangeLog } from "./change_log.ts";
import { Credentials } from "./credentials.ts";
import { GroupCommit } from "./group_commit.ts";
import { Invites } from "./invites.ts";
import { openDatabase } from "./open.ts";
import { Sessions } from "./sessions.ts";
import { Users } from "./users.ts";

/** How often changes by other processes are looked for, in milliseconds. */
const LOOK_MS = 1000;

/** Settings of {@linkcode openSqlitePeople}. */
export interface SqlitePeopleOptions {
  /** The data directory; created if it does not exist. */
  readonly dir: string;
  /** What a change survives. */
  readonly sync: Sync;
  /**
   * Whether this is the server: nobody visits when it opens the store. Visits that a server which was
   * killed has left open are ended. Default: false.
   */
  readonly serve?: boolean;
  /** The current time, in milliseconds since 1970. */
  readonly now?: () => number;
  /** How often changes by other processes are looked for, in milliseconds. Default: 1000. */
  readonly lookMs?: number;
  /** Opens the log of a database; for tests. */
  readonly openLog?: (database: string) => LogSync;
}

/**
 * Opens the people store of a data directory.
 *
 * @throws {DataError} if the directory or the database in it cannot be used
 */
export async function openSqlitePeople(options: SqlitePeopleOptions): Promise<PeopleStore> {
  const { dir } = options;
  try {
    Deno.mkdirSync(dir, { recursive: true });
    return await open(join(dir, "people.db"), options);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(
      `Cannot use the data directory "${dir}": ${reasonOf(error)}; make it a directory that this ` +
        `user can write to, or choose another directory`,
      { cause: error },
    );
  }
}

async function open(path: string, options: SqlitePeopleOptions): Promise<PeopleStore> {
  const db = await openDatabase(path, options.sync);
  let people: SqlitePeople;
  try {
    const log = options.sync === "full" ? (options.openLog ?? openLog)(path) : undefined;
    people = new SqlitePeople(db, log, options.lookMs ?? LOOK_MS);
  } catch (error) {
    db.close();
    throw error;
  }
  try {
    if (options.serve === true) await people.leaveAll((options.now ?? Date.now)());
    return people;
  } catch (error) {
    await people.close();
    throw error;
  }
}

class SqlitePeople implements PeopleStore {
  readonly #commits: GroupCommit;
  readonly #changes: ChangeLog;
  readonly #users: Users;
  readonly #credentials: Credentials;
  readonly #sessions: Sessions;
  readonly #invites: Invites;
  readonly #lookMs: number;
  #changed: (user: UserId) => void = () => {};
  #timer: ReturnType<typeof setInterval> | undefined;
  #closing: Promise<void> | undefined;

  constructor(db: DatabaseSync, log: LogSync | undefined, lookMs: number) {
    this.#commits = new GroupCommit(db, log);
    this.#changes = new ChangeLog(db);
    this.#users = new Users(db, this.#changes);
    this.#credentials = new Credentials(db);
    this.#sessions = new Sessions(db, this.#changes);
    this.#invites = new Invites(db);
    this.#lookMs = lookMs;
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

  list(page: { after?: string; limit: number }) {
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

  expireSessions(now: number) {
    return this.#write(() => {
      this.#credentials.expireCeremonies(now);
      return this.#sessions.expire(now);
    });
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

  watch(changed: (user: UserId) => void): void {
    this.#changed = changed;
    if (this.#closing !== undefined) return;
    this.#timer ??= setInterval(() => this.#look(), this.#lookMs);
  }

  close(): Promise<void> {
    clearInterval(this.#timer);
    return this.#closing ??= this.#commits.close();
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
    for (const user of users) queueMicrotask(() => this.#changed(user));
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
    for (const user of users) this.#changed(user);
  }
}
