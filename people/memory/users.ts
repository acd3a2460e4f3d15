/**
 * The users of the memory backend. Every method is synchronous.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { foldName, type UserId } from "../../protocol.ts";
import { skeletonOf } from "../../text/skeleton.ts";
import { changeRecord, differs, isEnabledAdmin, newRecord } from "../apply.ts";
import type { NewUser, UserChange, UserRecord, UserRefusal, UsersPage } from "../store.ts";

/** A user, and whether it is connected. */
interface Entry {
  record: UserRecord;
  visiting: boolean;
}

/** Finds and changes users. See `PeopleStore` for what the methods do. */
export class Users {
  readonly #note: (user: UserId) => void;
  readonly #entries = new Map<UserId, Entry>();
  /** Who has a name now, by folded name. */
  readonly #holders = new Map<string, UserId>();
  /** Who has a name that looks so, by skeleton. Not more than one: there are no names of old. */
  readonly #alike = new Map<string, UserId>();

  /** @param note called with each user that is changed */
  constructor(note: (user: UserId) => void) {
    this.#note = note;
  }

  add(user: NewUser): boolean {
    if (!this.#isFree(user.name, undefined)) return false;
    if (this.#entries.has(user.id)) throw new Error("Cannot add a user: its id is in use");
    this.#save({ record: newRecord(user), visiting: false });
    return true;
  }

  find(id: UserId): UserRecord | undefined {
    return this.#entries.get(id)?.record;
  }

  findByName(name: string): UserRecord | undefined {
    const id = this.#holders.get(foldName(name));
    return id === undefined ? undefined : this.find(id);
  }

  findMany(ids: readonly UserId[]): UserRecord[] {
    return [...new Set(ids)].map((id) => this.find(id)).filter((user) => user !== undefined);
  }

  list({ after = "", containing = "", limit }: UsersPage): UserRecord[] {
    return [...this.#holders.keys()]
      .filter((key) => key.includes(containing) && compare(key, after) > 0)
      .sort(compare)
      .slice(0, limit)
      .map((key) => this.findByName(key))
      .filter((user) => user !== undefined);
  }

  visit(id: UserId, name: string, now: number): number | "name_taken" | "no_such_user" {
    const before = this.find(id);
    if (before === undefined) return "no_such_user";
    if (!this.#isFree(name, id)) return "name_taken";
    const record = { ...before, name, seen: now, visit: before.visit + 1 };
    this.#save({ record, visiting: true });
    if (name !== before.name) this.#note(id);
    return record.visit;
  }

  leave(id: UserId, visit: number, now: number): void {
    const entry = this.#entries.get(id);
    if (entry === undefined || !entry.visiting || entry.record.visit > visit) return;
    this.#save({ record: { ...entry.record, seen: now }, visiting: false });
  }

  rename(id: UserId, name: string): "name_taken" | "no_such_user" | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return "no_such_user";
    if (!this.#isFree(name, id)) return "name_taken";
    this.#save({ ...entry, record: { ...entry.record, name } });
    if (name !== entry.record.name) this.#note(id);
    return undefined;
  }

  change(id: UserId, change: UserChange): UserRefusal | undefined {
    const entry = this.#entries.get(id);
    if (entry === undefined) return "no_such_user";
    const record = changeRecord(entry.record, change);
    if (!differs(entry.record, record)) return undefined;
    if (!isEnabledAdmin(record) && this.#isLastAdmin(entry.record)) return "last_admin";
    this.#save({ ...entry, record });
    this.#note(id);
    return undefined;
  }

  remove(id: UserId): UserRefusal | undefined {
    const user = this.find(id);
    if (user === undefined) return "no_such_user";
    if (this.#isLastAdmin(user)) return "last_admin";
    this.#drop(user);
    return undefined;
  }

  countAdmins(): { all: number; enabled: number } {
    const admins = [...this.#entries.values()].filter(({ record }) => record.role === "admin");
    const enabled = admins.filter(({ record }) => isEnabledAdmin(record));
    return { all: admins.length, enabled: enabled.length };
  }

  expire({ away, seen }: { away: number; seen: number }): UserId[] {
    const over = [...this.#entries.values()].filter(({ record, visiting }) =>
      record.role === "guest" && !visiting && record.seen < (record.remembered ? seen : away)
    );
    for (const { record } of over) this.#drop(record);
    return over.map(({ record }) => record.id);
  }

  /** Writes a user, who has its name afterwards if it is to have one, and it is free. */
  #save(entry: Entry): void {
    const { record, visiting } = entry;
    const before = this.find(record.id);
    if (before !== undefined) this.#giveUpName(before);
    const has = (record.remembered || visiting) && this.#isFree(record.name, record.id);
    if (has) {
      this.#holders.set(foldName(record.name), record.id);
      this.#alike.set(skeletonOf(record.name), record.id);
    }
    this.#entries.set(record.id, entry);
  }

  #drop(user: UserRecord): void {
    this.#giveUpName(user);
    this.#entries.delete(user.id);
    this.#note(user.id);
  }

  #giveUpName({ id, name }: UserRecord): void {
    if (this.findByName(name)?.id !== id) return;
    this.#holders.delete(foldName(name));
    this.#alike.delete(skeletonOf(name));
  }

  #isFree(name: string, id: UserId | undefined): boolean {
    const holders = [this.#holders.get(foldName(name)), this.#alike.get(skeletonOf(name))];
    return holders.every((holder) => holder === undefined || holder === id);
  }

  #isLastAdmin(user: UserRecord): boolean {
    return isEnabledAdmin(user) && this.countAdmins().enabled === 1;
  }
}

/** Compares by code point, as SQLite does. */
function compare(a: string, b: string): number {
  return Buffer.compare(Buffer.from(a), Buffer.from(b));
}
