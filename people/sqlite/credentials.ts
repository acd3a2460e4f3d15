/**
 * What proves who a user is, in `people.db`: passwords, passkeys and identities elsewhere; and the steps
 * of a sign-in. Every method is synchronous and has to be called within a transaction if it changes
 * anything.
 *
 * @module
 */
import type { DatabaseSync, StatementSync } from "node:sqlite";
import type { UserId } from "../../protocol.ts";
import type { PasskeyRecord } from "../store.ts";
import { toPasskey } from "./rows.ts";

/** Finds and changes credentials. See `PeopleStore` for what the methods do. */
export class Credentials {
  readonly #setPassword: StatementSync;
  readonly #password: StatementSync;
  readonly #addPasskey: StatementSync;
  readonly #findPasskey: StatementSync;
  readonly #passkeys: StatementSync;
  readonly #usedPasskey: StatementSync;
  readonly #removePasskey: StatementSync;
  readonly #findIdentity: StatementSync;
  readonly #identities: StatementSync;
  readonly #addIdentity: StatementSync;
  readonly #putCeremony: StatementSync;
  readonly #takeCeremony: StatementSync;
  readonly #expireCeremonies: StatementSync;

  constructor(db: DatabaseSync) {
    this.#setPassword = db.prepare(`
      INSERT INTO passwords (user, hash) VALUES (?, ?)
      ON CONFLICT (user) DO UPDATE SET hash = excluded.hash`);
    this.#password = db.prepare("SELECT hash FROM passwords WHERE user = ?");
    this.#addPasskey = db.prepare(`
      INSERT INTO passkeys (id, user, public_key, counter, transports, label, created, used)
      VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT (id) DO NOTHING`);
    this.#findPasskey = db.prepare("SELECT * FROM passkeys WHERE id = ?");
    this.#passkeys = db.prepare("SELECT * FROM passkeys WHERE user = ? ORDER BY created, id");
    this.#usedPasskey = db.prepare("UPDATE passkeys SET counter = ?, used = ? WHERE id = ?");
    this.#removePasskey = db.prepare("DELETE FROM passkeys WHERE id = ? AND user = ?");
    this.#findIdentity = db.prepare("SELECT user FROM identities WHERE issuer = ? AND subject = ?");
    this.#identities = db.prepare("SELECT issuer, subject FROM identities WHERE user = ?");
    this.#addIdentity = db.prepare(`
      INSERT INTO identities (issuer, subject, user) VALUES (?, ?, ?)
      ON CONFLICT (issuer, subject) DO NOTHING`);
    this.#putCeremony = db.prepare(`
      INSERT INTO ceremonies (id, value, expires) VALUES (?, ?, ?)
      ON CONFLICT (id) DO UPDATE SET value = excluded.value, expires = excluded.expires`);
    this.#takeCeremony = db.prepare("DELETE FROM ceremonies WHERE id = ? RETURNING value");
    this.#expireCeremonies = db.prepare("DELETE FROM ceremonies WHERE expires <= ?");
  }

  setPassword(user: UserId, hash: string): void {
    this.#setPassword.run(user, hash);
  }

  password(user: UserId): string | undefined {
    const row = this.#password.get(user);
    return row && String(row["hash"]);
  }

  addPasskey(passkey: PasskeyRecord): boolean {
    const { id, user, publicKey, counter, transports, label, created, used } = passkey;
    const list = JSON.stringify(transports);
    const { changes } = this.#addPasskey
      .run(id, user, publicKey, counter, list, label, created, used);
    return changes === 1;
  }

  findPasskey(id: string): PasskeyRecord | undefined {
    const row = this.#findPasskey.get(id);
    return row && toPasskey(row);
  }

  passkeys(user: UserId): PasskeyRecord[] {
    return this.#passkeys.all(user).map(toPasskey);
  }

  usedPasskey(id: string, counter: number, now: number): void {
    this.#usedPasskey.run(counter, now, id);
  }

  removePasskey(user: UserId, id: string): boolean {
    return this.#removePasskey.run(id, user).changes === 1;
  }

  findIdentity(issuer: string, subject: string): UserId | undefined {
    const row = this.#findIdentity.get(issuer, subject);
    return row && String(row["user"]);
  }

  identities(user: UserId): { issuer: string; subject: string }[] {
    return this.#identities.all(user)
      .map(({ issuer, subject }) => ({ issuer: String(issuer), subject: String(subject) }));
  }

  addIdentity(issuer: string, subject: string, user: UserId): boolean {
    return this.#addIdentity.run(issuer, subject, user).changes === 1;
  }

  putCeremony(id: string, value: string, expires: number): void {
    this.#putCeremony.run(id, value, expires);
  }

  takeCeremony(id: string, now: number): string | undefined {
    this.expireCeremonies(now);
    const row = this.#takeCeremony.get(id);
    return row && String(row["value"]);
  }

  /** Removes what nobody came back for: anybody may begin a sign-in, again and again. */
  expireCeremonies(now: number): void {
    this.#expireCeremonies.run(now);
  }
}
