/**
 * The people contract as tests: one suite that every backend has to pass. Each case has a store of its
 * own.
 *
 * @module
 */
import { createHash } from "node:crypto";
import { assert } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";
import type {
  InviteRecord,
  NewUser,
  PasskeyRecord,
  PeopleStore,
  SessionRecord,
  UserRecord,
} from "../../people/store.ts";

/** One promise of the contract. */
export interface Case {
  name: string;
  run: (people: PeopleStore) => Promise<void>;
}

/**
 * Registers the suite for a backend.
 *
 * @param withPeople calls a function with an empty store
 */
export function testConformance(
  backend: string,
  withPeople: (run: (people: PeopleStore) => Promise<void>) => Promise<void>,
  cases: readonly Case[],
): void {
  Deno.test(`${backend} fulfils the people contract`, async (t) => {
    for (const { name, run } of cases) {
      await t.step(name, () => withPeople((people) => within(DEADLINE, name, run(people))));
    }
  });
}

/** A guest who is not remembered, with defaults for what a test does not care about. */
export function user(name: string, rest: Partial<NewUser> = {}): NewUser {
  return { id: `id-${name}`, name, role: "guest", remembered: false, created: 1000, ...rest };
}

/** A member, with defaults for what a test does not care about. */
export function member(name: string, rest: Partial<NewUser> = {}): NewUser {
  return user(name, { role: "member", remembered: true, ...rest });
}

/** What a user has become who was added as `added`. */
export function record(added: NewUser, rest: Partial<UserRecord> = {}): UserRecord {
  return { ...added, disabled: false, seen: added.created, visit: 0, ...rest };
}

/** Adds users, and fails if one is refused. */
export async function addAll(people: PeopleStore, ...users: NewUser[]): Promise<void> {
  for (const one of users) assert(await people.add(one), `${one.name} was refused`);
}

/** The digest of a secret. */
export function digest(secret: string): Uint8Array {
  return createHash("sha256").update(secret).digest();
}

/** A session whose secret is its id, with defaults. */
export function session(
  id: string,
  owner: string,
  rest: Partial<SessionRecord> = {},
): SessionRecord {
  const [created, seen, expires] = [1000, 1000, 5000];
  return { id, user: owner, created, seen, expires, agent: "Firefox", ip: "192.0.2.1", ...rest };
}

/** A passkey, with defaults. */
export function passkey(
  id: string,
  owner: string,
  rest: Partial<PasskeyRecord> = {},
): PasskeyRecord {
  return {
    id,
    user: owner,
    publicKey: new Uint8Array([1, 2, 255]),
    counter: 0,
    transports: ["usb", "nfc"],
    label: "key",
    created: 1000,
    used: 1000,
    ...rest,
  };
}

/** An invitation whose secret is its id, with defaults. */
export function invite(id: string, rest: Partial<InviteRecord> = {}): InviteRecord {
  return { id, role: "member", rooms: ["lobby"], uses: 1, expires: 5000, created: 1000, ...rest };
}

/** The names of users. */
export function names(users: readonly { name: string }[]): string[] {
  return users.map(({ name }) => name);
}

/** The ids of things, sorted. */
export function ids(things: readonly { id: string }[]): string[] {
  return things.map(({ id }) => id).sort();
}
