/**
 * The credentials of the memory backend, and the steps of a sign-in. Every method is synchronous.
 *
 * @module
 */
import type { UserId } from "../../protocol.ts";
import type { PasskeyRecord } from "../store.ts";
import { deleteWhere } from "./maps.ts";

/** Finds and changes credentials. See `PeopleStore` for what the methods do. */
export class Credentials {
  readonly #passwords = new Map<UserId, string>();
  readonly #passkeys = new Map<string, PasskeyRecord>();
  /** By issuer and subject. */
  readonly #identities = new Map<string, { issuer: string; subject: string; user: UserId }>();
  readonly #ceremonies = new Map<string, { value: string; expires: number }>();

  setPassword(user: UserId, hash: string): void {
    this.#passwords.set(user, hash);
  }

  password(user: UserId): string | undefined {
    return this.#passwords.get(user);
  }

  hasPasskey(id: string): boolean {
    return this.#passkeys.has(id);
  }

  addPasskey(passkey: PasskeyRecord): void {
    this.#passkeys.set(passkey.id, copyPasskey(passkey));
  }

  findPasskey(id: string): PasskeyRecord | undefined {
    const passkey = this.#passkeys.get(id);
    return passkey && copyPasskey(passkey);
  }

  passkeys(user: UserId): PasskeyRecord[] {
    return [...this.#passkeys.values()]
      .filter((passkey) => passkey.user === user)
      .sort((a, b) => a.created - b.created || (a.id < b.id ? -1 : 1))
      .map(copyPasskey);
  }

  usedPasskey(id: string, counter: number, now: number): void {
    const passkey = this.#passkeys.get(id);
    if (passkey !== undefined) this.#passkeys.set(id, { ...passkey, counter, used: now });
  }

  removePasskey(user: UserId, id: string): boolean {
    return this.#passkeys.get(id)?.user === user && this.#passkeys.delete(id);
  }

  findIdentity(issuer: string, subject: string): UserId | undefined {
    return this.#identities.get(identityKey(issuer, subject))?.user;
  }

  identities(user: UserId): { issuer: string; subject: string }[] {
    return [...this.#identities.values()].filter((identity) => identity.user === user)
      .map(({ issuer, subject }) => ({ issuer, subject }));
  }

  addIdentity(issuer: string, subject: string, user: UserId): void {
    this.#identities.set(identityKey(issuer, subject), { issuer, subject, user });
  }

  putCeremony(id: string, value: string, expires: number): void {
    this.#ceremonies.set(id, { value, expires });
  }

  takeCeremony(id: string, now: number): string | undefined {
    this.expireCeremonies(now);
    const ceremony = this.#ceremonies.get(id);
    this.#ceremonies.delete(id);
    return ceremony?.value;
  }

  /** Removes what nobody came back for. */
  expireCeremonies(now: number): void {
    deleteWhere(this.#ceremonies, ({ expires }) => expires <= now);
  }

  /** Removes what belongs to users who are gone. */
  forget(users: ReadonlySet<UserId>): void {
    for (const user of users) this.#passwords.delete(user);
    deleteWhere(this.#passkeys, ({ user }) => users.has(user));
    deleteWhere(this.#identities, ({ user }) => users.has(user));
  }
}

function copyPasskey(passkey: PasskeyRecord): PasskeyRecord {
  const { publicKey, transports } = passkey;
  return { ...passkey, publicKey: publicKey.slice(), transports: [...transports] };
}

/** Unambiguous for any two strings. */
function identityKey(issuer: string, subject: string): string {
  return JSON.stringify([issuer, subject]);
}
