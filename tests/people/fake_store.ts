/**
 * The part of a people's store that sign-in with tokens, passkeys and OpenID needs, in memory.
 *
 * @module
 */
import { foldName } from "../../protocol.ts";
import type { PasskeyRecord, PeopleStore, UserRecord } from "../../people/store.ts";

export function createMemoryPeople(): PeopleStore {
  const users = new Map<string, UserRecord>();
  const identities = new Map<string, string>();
  const passkeys = new Map<string, PasskeyRecord>();
  const passwords = new Map<string, string>();
  const ceremonies = new Map<string, { value: string; expires: number }>();
  const byName = (name: string) =>
    [...users.values()].find((user) => foldName(user.name) === foldName(name));
  const store: Partial<PeopleStore> = {
    add(user) {
      if (byName(user.name) !== undefined) return Promise.resolve(false);
      users.set(user.id, { ...user, disabled: false, seen: user.created, visit: 0 });
      return Promise.resolve(true);
    },
    find: (id) => Promise.resolve(users.get(id)),
    findByName: (name) => Promise.resolve(byName(name)),
    list: () => Promise.resolve([...users.values()]),
    change(id, change) {
      const user = users.get(id);
      if (user === undefined) return Promise.resolve("no_such_user" as const);
      const admins = [...users.values()].filter(({ role, disabled }) =>
        role === "admin" && !disabled
      );
      const stays = (change.role ?? "admin") === "admin" && !change.disabled;
      if (!stays && admins.length === 1 && admins[0]?.id === id) {
        return Promise.resolve("last_admin" as const);
      }
      users.set(id, { ...user, ...change });
      return Promise.resolve(undefined);
    },
    remove(id) {
      users.delete(id);
      return Promise.resolve(undefined);
    },
    setPassword(user, hash) {
      passwords.set(user, hash);
      return Promise.resolve();
    },
    password: (user) => Promise.resolve(passwords.get(user)),
    addPasskey(passkey) {
      if (passkeys.has(passkey.id)) return Promise.resolve(false);
      passkeys.set(passkey.id, passkey);
      return Promise.resolve(true);
    },
    findPasskey: (id) => Promise.resolve(passkeys.get(id)),
    passkeys: (user) => Promise.resolve([...passkeys.values()].filter((key) => key.user === user)),
    usedPasskey(id, counter, used) {
      const passkey = passkeys.get(id);
      if (passkey !== undefined) passkeys.set(id, { ...passkey, counter, used });
      return Promise.resolve();
    },
    removePasskey: (user, id) =>
      Promise.resolve(passkeys.get(id)?.user === user && passkeys.delete(id)),
    findIdentity: (issuer, subject) => Promise.resolve(identities.get(`${issuer} ${subject}`)),
    addIdentity(issuer, subject, user) {
      const key = `${issuer} ${subject}`;
      if (identities.has(key)) return Promise.resolve(false);
      identities.set(key, user);
      return Promise.resolve(true);
    },
    putCeremony(id, value, expires) {
      ceremonies.set(id, { value, expires });
      return Promise.resolve();
    },
    takeCeremony(id, now) {
      const found = ceremonies.get(id);
      ceremonies.delete(id);
      return Promise.resolve(found !== undefined && now < found.expires ? found.value : undefined);
    },
    close: () => Promise.resolve(),
  };
  return store as PeopleStore;
}
