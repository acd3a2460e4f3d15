/**
 * The invitations in `people.db`. Every method is synchronous and has to be called within a transaction
 * if it changes anything.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { UserId } from "../../protocol.ts";
import type { InviteRecord } from "../store.ts";
import { toInvite } from "./rows.ts";

/** Finds and changes invitations. See `PeopleStore` for what the methods do. */
export class Invites {
  readonly #add: StatementSync;
  readonly #find: StatementSync;
  readonly #use: StatementSync;
  readonly #list: StatementSync;
  readonly #listBy: StatementSync;
  readonly #remove: StatementSync;
  readonly #expire: StatementSync;

  constructor(db: DatabaseSync) {
    this.#add = db.prepare(`
      INSERT INTO invites (id, digest, role, rooms, uses, expires, maker, created)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#find = db.prepare("SELECT * FROM invites WHERE digest = ?");
    this.#use = db.prepare(`
      UPDATE invites SET uses = uses - 1 WHERE digest = ? AND uses > 0 AND expires > ?
      RETURNING *`);
    const usable = "SELECT * FROM invites WHERE uses > 0 AND expires > ?";
    const newest = "ORDER BY created DESC, id";
    this.#list = db.prepare(`${usable} ${newest}`);
    this.#listBy = db.prepare(`${usable} AND maker = ? ${newest}`);
    this.#remove = db.prepare("DELETE FROM invites WHERE id = ?");
    this.#expire = db.prepare("DELETE FROM invites WHERE uses <= 0 OR expires <= ?");
  }

  add(invite: InviteRecord, digest: Uint8Array): void {
    const { id, role, rooms, uses, expires, by, created } = invite;
    this.#add.run(id, digest, role, JSON.stringify(rooms), uses, expires, by ?? null, created);
  }

  find(digest: Uint8Array): InviteRecord | undefined {
    const row = this.#find.get(digest);
    return row && toInvite(row);
  }

  use(digest: Uint8Array, now: number): InviteRecord | undefined {
    const row = this.#use.get(digest, now);
    return row && toInvite(row);
  }

  list(now: number, by: UserId | undefined): InviteRecord[] {
    const rows = by === undefined ? this.#list.all(now) : this.#listBy.all(now, by);
    return rows.map(toInvite);
  }

  remove(id: string): boolean {
    return this.#remove.run(id).changes === 1;
  }

  /** Removes those that cannot be used any more. */
  expire(now: number): void {
    this.#expire.run(now);
  }
}
