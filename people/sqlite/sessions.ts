/**
 * The sessions in `people.db`. Every method is synchronous and has to be called within a transaction if
 * it changes anything.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { UserId } from "../../protocol.ts";
import type { SessionId } from "../principal.ts";
import type { SessionRecord } from "../store.ts";
import type { ChangeLog } from "./change_log.ts";
import { toSession } from "./rows.ts";

/** Finds and changes sessions. See `PeopleStore` for what the methods do. */
export class Sessions {
  readonly #changes: ChangeLog;
  readonly #add: StatementSync;
  readonly #find: StatementSync;
  readonly #used: StatementSync;
  readonly #list: StatementSync;
  readonly #end: StatementSync;
  readonly #endAll: StatementSync;
  readonly #expire: StatementSync;

  constructor(db: DatabaseSync, changes: ChangeLog) {
    this.#changes = changes;
    this.#add = db.prepare(`
      INSERT INTO sessions (id, digest, user, created, seen, expires, agent, ip)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#find = db.prepare("SELECT * FROM sessions WHERE digest = ?");
    this.#used = db.prepare("UPDATE sessions SET seen = ?, expires = ?, ip = ? WHERE id = ?");
    this.#list = db.prepare(`
      SELECT * FROM sessions WHERE user = ? ORDER BY seen DESC, created DESC, id`);
    this.#end = db.prepare("DELETE FROM sessions WHERE user = ? AND id = ?");
    this.#endAll = db.prepare("DELETE FROM sessions WHERE user = ? AND id IS NOT ?");
    this.#expire = db.prepare("DELETE FROM sessions WHERE expires < ? RETURNING user");
  }

  add({ id, user, created, seen, expires, agent, ip }: SessionRecord, digest: Uint8Array): void {
    this.#add.run(id, digest, user, created, seen, expires, agent, ip);
  }

  find(digest: Uint8Array): SessionRecord | undefined {
    const row = this.#find.get(digest);
    return row && toSession(row);
  }

  used(id: SessionId, { seen, expires, ip }: Pick<SessionRecord, "seen" | "expires" | "ip">): void {
    this.#used.run(seen, expires, ip, id);
  }

  list(user: UserId): SessionRecord[] {
    return this.#list.all(user).map(toSession);
  }

  end(user: UserId, id: SessionId): boolean {
    const ended = this.#end.run(user, id).changes === 1;
    if (ended) this.#changes.note(user);
    return ended;
  }

  endAll(user: UserId, except: SessionId | undefined): number {
    const ended = Number(this.#endAll.run(user, except ?? null).changes);
    if (ended > 0) this.#changes.note(user);
    return ended;
  }

  expire(now: number): void {
    for (const { user } of this.#expire.all(now)) this.#changes.note(String(user));
  }
}
