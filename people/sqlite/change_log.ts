/**
 * Tells other processes on the same database which users, and whether the sanctions, have changed, and finds out
 * what they changed.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { UserId } from "../../protocol.ts";

/** How many of its latest changes a connection keeps: more than it makes between two looks of another one. */
const KEPT = 10_000;

/** Old changes are removed each time that so many were added. */
const PRUNE_EVERY = 256;

/** Stands in the table for the sanctions; no user has this id. */
export const SANCTIONS: UserId = "";

const NOBODY: ReadonlySet<UserId> = new Set();

/** The table `changed`: what this connection has done to users, and what others have. */
export class ChangeLog {
  readonly #origin = crypto.getRandomValues(new Uint32Array(1))[0] ?? 0;
  readonly #insert: StatementSync;
  readonly #prune: StatementSync;
  readonly #version: StatementSync;
  readonly #find: StatementSync;
  #noted = new Set<UserId>();
  /** `PRAGMA data_version` at the last look: it differs once another connection has committed. */
  #seenVersion: number;
  /** The last change that was there at the last look. */
  #seen: number;

  constructor(db: DatabaseSync) {
    this.#insert = db.prepare("INSERT INTO changed (user, origin) VALUES (?, ?)");
    this.#prune = db.prepare("DELETE FROM changed WHERE id <= ? AND (origin = ? OR id <= ?)");
    this.#version = db.prepare("PRAGMA data_version");
    this.#find = db.prepare("SELECT id, user, origin FROM changed WHERE id > ? ORDER BY id");
    this.#seenVersion = this.#readVersion();
    const last = db.prepare("SELECT max(id) AS last FROM changed").get();
    this.#seen = Number(last?.["last"] ?? 0);
  }

  /** Notes, within a transaction, that a user has changed. */
  note(user: UserId): void {
    if (this.#noted.has(user)) return;
    this.#noted.add(user);
    const id = Number(this.#insert.run(user, this.#origin).lastInsertRowid);
    if (id % PRUNE_EVERY === 0) this.#prune.run(id - KEPT, this.#origin, this.#seen);
  }

  /** Notes, within a transaction, that sanctions were added or removed. */
  noteSanctions(): void {
    this.note(SANCTIONS);
  }

  /** Takes the users, or {@linkcode SANCTIONS}, noted since the last call. */
  take(): ReadonlySet<UserId> {
    if (this.#noted.size === 0) return NOBODY;
    const noted = this.#noted;
    this.#noted = new Set();
    return noted;
  }

  /** The users, or {@linkcode SANCTIONS}, that other connections have changed since the last look. Not within a transaction. */
  look(): UserId[] {
    const version = this.#readVersion();
    if (version === this.#seenVersion) return [];
    this.#seenVersion = version;
    const rows = this.#find.all(this.#seen);
    this.#seen = Number(rows.at(-1)?.["id"] ?? this.#seen);
    const theirs = rows.filter(({ origin }) => origin !== this.#origin);
    return [...new Set(theirs.map(({ user }) => String(user)))];
  }

  #readVersion(): number {
    return Number(this.#version.get()?.["data_version"]);
  }
}
