/**
 * The sessions of the memory backend. Every method is synchronous.
 *
 * @module
 */
import type { UserId } from "../../protocol.ts";
import type { SessionId } from "../principal.ts";
import type { SessionRecord } from "../store.ts";
import { keyOf } from "./maps.ts";

/** A session that can be found by its digest. */
interface Entry {
  record: SessionRecord;
  readonly key: string;
}

/** Finds and changes sessions. See `PeopleStore` for what the methods do. */
export class Sessions {
  readonly #note: (user: UserId) => void;
  readonly #byId = new Map<SessionId, Entry>();
  readonly #byDigest = new Map<string, Entry>();
  readonly #byUser = new Map<UserId, Set<Entry>>();

  /** @param note called with each user some of whose sessions are ended */
  constructor(note: (user: UserId) => void) {
    this.#note = note;
  }

  add(session: SessionRecord, digest: Uint8Array): void {
    const key = keyOf(digest);
    if (this.#byId.has(session.id) || this.#byDigest.has(key)) {
      throw new Error("Cannot add a session: its id or digest is in use");
    }
    const entry = { record: { ...session }, key };
    this.#byId.set(session.id, entry);
    this.#byDigest.set(key, entry);
    const own = this.#byUser.get(session.user) ?? new Set();
    this.#byUser.set(session.user, own.add(entry));
  }

  find(digest: Uint8Array): SessionRecord | undefined {
    return this.#byDigest.get(keyOf(digest))?.record;
  }

  used(id: SessionId, { seen, expires, ip }: Pick<SessionRecord, "seen" | "expires" | "ip">): void {
    const entry = this.#byId.get(id);
    if (entry !== undefined) entry.record = { ...entry.record, seen, expires, ip };
  }

  list(user: UserId): SessionRecord[] {
    return [...this.#byUser.get(user) ?? []]
      .map(({ record }) => ({ ...record }))
      .sort((a, b) => b.seen - a.seen || b.created - a.created || (a.id < b.id ? -1 : 1));
  }

  end(user: UserId, id: SessionId): boolean {
    const entry = this.#byId.get(id);
    return entry?.record.user === user && this.#drop([entry]) === 1;
  }

  endAll(user: UserId, except?: SessionId): number {
    const own = [...this.#byUser.get(user) ?? []];
    return this.#drop(own.filter(({ record }) => record.id !== except));
  }

  expire(now: number): void {
    this.#drop([...this.#byId.values()].filter(({ record }) => record.expires < now));
  }

  #drop(entries: readonly Entry[]): number {
    for (const entry of entries) {
      const { id, user } = entry.record;
      this.#byId.delete(id);
      this.#byDigest.delete(entry.key);
      const own = this.#byUser.get(user);
      own?.delete(entry);
      if (own?.size === 0) this.#byUser.delete(user);
    }
    for (const user of new Set(entries.map(({ record }) => record.user))) this.#note(user);
    return entries.length;
  }
}
