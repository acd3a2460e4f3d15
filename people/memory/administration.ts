/**
 * What admins have imposed and done, in the memory backend. Every method is synchronous.
 *
 * @module
 */
import { MAX_AUDIT } from "../apply.ts";
import type { AuditEntry, NewAuditEntry, SanctionRecord } from "../store.ts";
import { deleteWhere } from "./maps.ts";

/** Finds and changes sanctions and the audit log. See `PeopleStore` for what the methods do. */
export class Administration {
  readonly #changed: () => void;
  readonly #sanctions = new Map<string, SanctionRecord>();
  readonly #audit: AuditEntry[] = [];
  /** Number of the latest entry. */
  #audited = 0;

  /** @param changed called when sanctions were added or removed */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  addSanction(sanction: SanctionRecord): void {
    const { id } = sanction;
    if (this.#sanctions.has(id)) throw new Error("Cannot add a sanction: its id is in use");
    this.#sanctions.set(id, copy(sanction));
    this.#changed();
  }

  sanctions(): SanctionRecord[] {
    return [...this.#sanctions.values()].map(copy)
      .sort((a, b) => b.created - a.created || (a.id < b.id ? -1 : 1));
  }

  removeSanction(id: string): SanctionRecord | undefined {
    const found = this.#sanctions.get(id);
    if (this.#sanctions.delete(id)) this.#changed();
    return found;
  }

  /** Removes sanctions whose time is over. */
  expire(now: number): void {
    const { size } = this.#sanctions;
    deleteWhere(this.#sanctions, ({ until = Infinity }) => until < now);
    if (this.#sanctions.size < size) this.#changed();
  }

  addAudit(entry: NewAuditEntry): number {
    const number = ++this.#audited;
    this.#audit.push({ number, ...entry });
    return number;
  }

  audit({ before = Infinity, limit }: { before?: number; limit: number }): AuditEntry[] {
    const earlier = Math.max(0, before - 1 - (this.#audited - this.#audit.length));
    return this.#audit.slice(0, earlier).slice(-limit).reverse().map((entry) => ({ ...entry }));
  }

  /** Removes the oldest entries of the audit log, if there are too many. */
  trimAudit(): void {
    this.#audit.splice(0, Math.max(0, this.#audit.length - MAX_AUDIT));
  }
}

function copy(sanction: SanctionRecord): SanctionRecord {
  return { ...sanction, target: { ...sanction.target } };
}
