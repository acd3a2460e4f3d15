/**
 * What admins have imposed and done, in `people.db`. Every method is synchronous and has to be called within
 * a transaction if it changes anything.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import { MAX_AUDIT } from "../apply.ts";
import type { AuditEntry, NewAuditEntry, SanctionRecord } from "../store.ts";
import type { ChangeLog } from "./change_log.ts";
import { toAuditEntry, toSanction } from "./rows.ts";

/** Finds and changes sanctions and the audit log. See `PeopleStore` for what the methods do. */
export class Administration {
  readonly #changes: ChangeLog;
  readonly #addSanction: StatementSync;
  readonly #sanctions: StatementSync;
  readonly #removeSanction: StatementSync;
  readonly #expire: StatementSync;
  readonly #addAudit: StatementSync;
  readonly #audit: StatementSync;
  readonly #trimAudit: StatementSync;

  constructor(db: DatabaseSync, changes: ChangeLog) {
    this.#changes = changes;
    this.#addSanction = db.prepare(`
      INSERT INTO sanctions (id, kind, target_type, target, label, until, reason, admin, created)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`);
    this.#sanctions = db.prepare("SELECT * FROM sanctions ORDER BY created DESC, id");
    this.#removeSanction = db.prepare("DELETE FROM sanctions WHERE id = ? RETURNING *");
    this.#expire = db.prepare("DELETE FROM sanctions WHERE until < ?");
    this.#addAudit = db.prepare(`
      INSERT INTO audit (time, admin, name, ip, act, target, detail) VALUES (?, ?, ?, ?, ?, ?, ?)`);
    this.#audit = db.prepare("SELECT * FROM audit WHERE number < ? ORDER BY number DESC LIMIT ?");
    this.#trimAudit = db.prepare(
      "DELETE FROM audit WHERE number <= (SELECT max(number) FROM audit) - ?",
    );
  }

  addSanction(sanction: SanctionRecord): void {
    const { id, kind, label, until, reason, by, created } = sanction;
    const [[type, target] = []] = Object.entries(sanction.target);
    if (type === undefined || target === undefined) throw new Error("A sanction needs a target");
    this.#addSanction.run(id, kind, type, target, label, until ?? null, reason, by, created);
    this.#changes.noteSanctions();
  }

  sanctions(): SanctionRecord[] {
    return this.#sanctions.all().map(toSanction);
  }

  removeSanction(id: string): SanctionRecord | undefined {
    const row = this.#removeSanction.get(id);
    if (row !== undefined) this.#changes.noteSanctions();
    return row && toSanction(row);
  }

  /** Removes sanctions whose time is over. */
  expire(now: number): void {
    if (this.#expire.run(now).changes > 0) this.#changes.noteSanctions();
  }

  addAudit({ time, by, name, ip, act, target, detail }: NewAuditEntry): number {
    return Number(this.#addAudit.run(time, by, name, ip, act, target, detail).lastInsertRowid);
  }

  audit(page: { before?: number; limit: number }): AuditEntry[] {
    const { before = Number.MAX_SAFE_INTEGER, limit } = page;
    return this.#audit.all(before, limit).map(toAuditEntry);
  }

  /** Removes the oldest entries of the audit log, if there are too many. */
  trimAudit(): void {
    this.#trimAudit.run(MAX_AUDIT);
  }
}
