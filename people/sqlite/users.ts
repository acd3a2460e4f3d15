/**
 * The users in `people.db`. Every method is synchronous and has to be called within a transaction if it
 * changes anything.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { foldName, type UserId } from "../../protocol.ts";
import { skeletonOf } from "../../text/skeleton.ts";
import { changeRecord, differs, isEnabledAdmin, newRecord } from "../apply.ts";
import type { NewUser, UserChange, UserRecord, UserRefusal, UsersPage } from "../store.ts";
import type { ChangeLog } from "./change_log.ts";
import { type Row, toUser } from "./rows.ts";

/** By what a name is compared. */
interface Form {
  readonly key: string;
  readonly skeleton: string;
}

/** Of a user who does not have its name. */
const NO_FORM = { key: null, skeleton: null };

/** Finds and changes users. See `PeopleStore` for what the methods do. */
export class Users {
  readonly #changes: ChangeLog;
  readonly #find: StatementSync;
  readonly #findByKey: StatementSync;
  readonly #findAlike: StatementSync;
  readonly #list: StatementSync;
  readonly #insert: StatementSync;
  readonly #visit: StatementSync;
  readonly #leave: StatementSync;
  readonly #update: StatementSync;
  readonly #delete: StatementSync;
  readonly #countAdmins: StatementSync;
  readonly #expire: StatementSync;
  readonly #leaveAll: StatementSync;

  constructor(db: DatabaseSync, changes: ChangeLog) {
    this.#changes = changes;
    this.#find = db.prepare("SELECT * FROM users WHERE id = ?");
    this.#findByKey = db.prepare("SELECT * FROM users WHERE key = ?");
    // The index alone tells which names contain something.
    this.#list = db.prepare(
      `SELECT * FROM users WHERE key IN
         (SELECT key FROM users WHERE key > ? AND instr(key, ?) > 0 ORDER BY key LIMIT ?)
       ORDER BY key`,
    );
    this.#insert = db.prepare(`
      INSERT INTO users
        (id, name, key, skeleton, role, remembered, disabled, created, seen, visit, visiting)
      VALUES (?, ?, ?, ?, ?, ?, 0, ?, ?, 0, 0)`);
    this.#findAlike = db.prepare("SELECT id FROM users WHERE skeleton = ? AND id <> ? LIMIT 1");
    this.#visit = db.prepare(`
      UPDATE users SET name = ?, key = ?, skeleton = ?, seen = ?, visit = visit + 1, visiting = 1
      WHERE id = ? RETURNING visit`);
    const leave = `UPDATE users SET visiting = 0, seen = ?, key = iif(remembered, key, NULL),
      skeleton = iif(remembered, skeleton, NULL)`;
    this.#leave = db.prepare(`${leave} WHERE id = ? AND visit <= ? AND visiting = 1`);
    this.#leaveAll = db.prepare(`${leave} WHERE visiting = 1`);
    this.#update = db.prepare(`
      UPDATE users SET name = ?, key = ?, skeleton = ?, role = ?, remembered = ?, disabled = ?
      WHERE id = ?`);
    this.#delete = db.prepare("DELETE FROM users WHERE id = ?");
    this.#countAdmins = db.prepare(`
      SELECT count(*) AS "all", count(*) FILTER (WHERE disabled = 0) AS enabled
      FROM users WHERE role = 'admin'`);
    this.#expire = db.prepare(`
      DELETE FROM users
      WHERE role = 'guest' AND visiting = 0 AND remembered = ? AND seen < ? RETURNING id`);
  }

  add(user: NewUser): boolean {
    const { id, name, role, remembered, created, seen } = newRecord(user);
    const form = formOf(name);
    if (!this.#isFree(form, undefined)) return false;
    const { key, skeleton } = remembered ? form : NO_FORM;
    this.#insert.run(id, name, key, skeleton, role, Number(remembered), created, seen);
    return true;
  }

  find(id: UserId): UserRecord | undefined {
    const row = this.#find.get(id);
    return row && toUser(row);
  }

  findByName(name: string): UserRecord | undefined {
    const row = this.#findByKey.get(foldName(name));
    return row && toUser(row);
  }

  findMany(ids: readonly UserId[]): UserRecord[] {
    return [...new Set(ids)].map((id) => this.find(id)).filter((user) => user !== undefined);
  }

  /** Every key is greater than the empty one. */
  list({ after = "", containing = "", limit }: UsersPage): UserRecord[] {
    return this.#list.all(after, containing, limit).map(toUser);
  }

  visit(id: UserId, name: string, now: number): number | "name_taken" | "no_such_user" {
    const user = this.find(id);
    if (user === undefined) return "no_such_user";
    const form = formOf(name);
    if (!this.#isFree(form, id)) return "name_taken";
    if (name !== user.name) this.#changes.note(id);
    return Number(this.#visit.get(name, form.key, form.skeleton, now, id)?.["visit"]);
  }

  leave(id: UserId, visit: number, now: number): void {
    this.#leave.run(now, id, visit);
  }

  /** Ends all visits: the server that they were at has ended. */
  leaveAll(now: number): void {
    this.#leaveAll.run(now);
  }

  rename(id: UserId, name: string): "name_taken" | "no_such_user" | undefined {
    const row = this.#find.get(id);
    if (row === undefined) return "no_such_user";
    if (!this.#isFree(formOf(name), id)) return "name_taken";
    const user = { ...toUser(row), name };
    this.#save(row, user);
    if (name !== row["name"]) this.#changes.note(id);
    return undefined;
  }

  change(id: UserId, change: UserChange): UserRefusal | undefined {
    const row = this.#find.get(id);
    if (row === undefined) return "no_such_user";
    const before = toUser(row);
    const after = changeRecord(before, change);
    if (!differs(before, after)) return undefined;
    if (!isEnabledAdmin(after) && this.#isLastAdmin(before)) return "last_admin";
    this.#save(row, after);
    this.#changes.note(id);
    return undefined;
  }

  remove(id: UserId): UserRefusal | undefined {
    const user = this.find(id);
    if (user === undefined) return "no_such_user";
    if (this.#isLastAdmin(user)) return "last_admin";
    this.#delete.run(id);
    this.#changes.note(id);
    return undefined;
  }

  countAdmins(): { all: number; enabled: number } {
    const row = this.#countAdmins.get();
    return { all: Number(row?.["all"]), enabled: Number(row?.["enabled"]) };
  }

  expire({ away, seen }: { away: number; seen: number }): UserId[] {
    const rows = [...this.#expire.all(0, away), ...this.#expire.all(1, seen)];
    const ids = rows.map(({ id }) => String(id));
    for (const id of ids) this.#changes.note(id);
    return ids;
  }

  /** Writes what `rename` and `change` change. The user has the name if it is to have one, and it is free. */
  #save(row: Row, { id, name, role, remembered, disabled }: UserRecord): void {
    const form = formOf(name);
    const has = (remembered || row["visiting"] === 1) && this.#isFree(form, id);
    const { key, skeleton } = has ? form : NO_FORM;
    this.#update.run(name, key, skeleton, role, Number(remembered), Number(disabled), id);
  }

  /** Whether a user may have a name: its own, though another one's of old looks like it, or one like nobody's. */
  #isFree({ key, skeleton }: Form, id: UserId | undefined): boolean {
    const holder = this.#findByKey.get(key);
    if (holder !== undefined && holder["id"] !== id) return false;
    if (holder?.["skeleton"] === skeleton) return true;
    return this.#findAlike.get(skeleton, id ?? "") === undefined;
  }

  #isLastAdmin(user: UserRecord): boolean {
    return isEnabledAdmin(user) && this.countAdmins().enabled === 1;
  }
}

function formOf(name: string): Form {
  return { key: foldName(name), skeleton: skeletonOf(name) };
}
