/** The backends agree: whatever is called for, both answer the same, tell the same and hold the same. */
import fc from "fast-check";
import { assertEquals } from "../support/assert.ts";
import { DEADLINE, within } from "../support/within.ts";
import { createMemoryPeople } from "../../people/memory/store.ts";
import type { PeopleStore } from "../../people/store.ts";
import { digest, ids, invite, passkey, session } from "./conformance.ts";
import { openPeople, withDir } from "./harness.ts";

/** A call of a store's method; its text is what a failure shows. */
interface Call {
  text: string;
  run: (people: PeopleStore) => Promise<unknown>;
}

const USERS = ["u1", "u2", "u3", "u4"];
const KEYS = ["a", "b", "c"];

const id = fc.constantFrom(...USERS);
const name = fc.constantFrom("Ann", "ANN", "bob", "Cid", "Élan", "élan", "😀", "\uffee");
const key = fc.constantFrom(...KEYS);
const time = fc.integer({ min: 0, max: 8 });
const flag = fc.boolean();
const role = fc.constantFrom("guest", "member", "admin", "admin", "bot");

/** Arbitrary calls with these arguments. */
function calls<T extends unknown[]>(
  method: string,
  args: { [K in keyof T]: fc.Arbitrary<T[K]> },
  run: (people: PeopleStore, ...args: T) => Promise<unknown>,
): fc.Arbitrary<Call> {
  return fc.tuple<T>(...args).map((values) => ({
    text: `${method}(${JSON.stringify(values)})`,
    run: (people) => run(people, ...values),
  }));
}

const change = fc.record({ role, remembered: flag, disabled: flag }, { requiredKeys: [] });

const userCalls = [
  calls(
    "add",
    [id, name, role, flag, time],
    (people, id, name, role, remembered, created) =>
      people.add({ id, name, role, remembered, created }),
  ),
  calls("findByName", [name], (people, name) => people.findByName(name)),
  calls("findMany", [fc.array(id)], async (people, list) => ids(await people.findMany(list))),
  calls(
    "list",
    [name, time],
    (people, after, limit) => people.list({ after: after.toLowerCase(), limit }),
  ),
  calls("visit", [id, name, time], (people, id, name, now) => people.visit(id, name, now)),
  calls("leave", [id, time, time], (people, id, visit, now) => people.leave(id, visit, now)),
  calls("rename", [id, name], (people, id, name) => people.rename(id, name)),
  calls("change", [id, change], (people, id, change) => people.change(id, change)),
  calls("remove", [id], (people, id) => people.remove(id)),
  calls("countAdmins", [], (people) => people.countAdmins()),
  calls(
    "expire",
    [time, time],
    async (people, away, seen) => (await people.expire({ away, seen })).sort(),
  ),
];

const credentialCalls = [
  calls("setPassword", [id, key], (people, id, hash) => people.setPassword(id, hash)),
  calls(
    "addPasskey",
    [key, id, time],
    (people, key, id, created) => people.addPasskey(passkey(key, id, { created })),
  ),
  calls(
    "usedPasskey",
    [key, time, time],
    (people, key, counter, now) => people.usedPasskey(key, counter, now),
  ),
  calls("removePasskey", [id, key], (people, id, key) => people.removePasskey(id, key)),
  calls(
    "addIdentity",
    [key, key, id],
    (people, issuer, subject, id) => people.addIdentity(issuer, subject, id),
  ),
  calls(
    "addSession",
    [key, id, key, time, time],
    (people, key, id, secret, seen, expires) =>
      people.addSession(session(key, id, { seen, expires }), digest(secret)),
  ),
  calls(
    "usedSession",
    [key, time, time],
    (people, key, seen, expires) => people.usedSession(key, { seen, expires, ip: "" }),
  ),
  calls("endSession", [id, key], (people, id, key) => people.endSession(id, key)),
  calls(
    "endSessions",
    [id, fc.option(key, { nil: undefined })],
    (people, id, except) => people.endSessions(id, except),
  ),
  calls("prune", [time], (people, now) => people.prune(now)),
  calls(
    "addInvite",
    [key, key, time, time, fc.option(id)],
    (people, key, secret, uses, expires, by) =>
      people.addInvite(
        invite(key, { uses, expires, ...(by === null ? {} : { by }) }),
        digest(secret),
      ),
  ),
  calls("useInvite", [key, time], (people, secret, now) => people.useInvite(digest(secret), now)),
  calls(
    "invites",
    [time, fc.option(id, { nil: undefined })],
    (people, now, by) => people.invites(now, by),
  ),
  calls("removeInvite", [key], (people, key) => people.removeInvite(key)),
  calls(
    "putCeremony",
    [key, key, time],
    (people, key, value, expires) => people.putCeremony(key, value, expires),
  ),
  calls("takeCeremony", [key, time], (people, key, now) => people.takeCeremony(key, now)),
];

/** Calls that are made without waiting between them. */
const group = fc.array(fc.oneof(...userCalls, ...credentialCalls), { minLength: 1, maxLength: 12 });

/** Makes calls, and returns the answers; of what rejects, only that it does. */
async function make(people: PeopleStore, group: readonly Call[]): Promise<unknown[]> {
  const answers = await Promise.allSettled(group.map(({ run }) => run(people)));
  return answers.map((answer) => answer.status === "fulfilled" ? answer.value : "rejected");
}

/** All that a store holds. */
async function holds(people: PeopleStore): Promise<unknown> {
  const users = USERS.map(async (id) => [
    await people.find(id),
    await people.password(id),
    await people.passkeys(id),
    await people.sessions(id),
    (await people.identities(id)).map((identity) => JSON.stringify(identity)).sort(),
  ]);
  const pairs = KEYS.flatMap((issuer) => KEYS.map((subject) => [issuer, subject] as const));
  return {
    users: await Promise.all(users),
    named: await people.list({ limit: 99 }),
    identities: await Promise.all(pairs.map((pair) => people.findIdentity(...pair))),
    sessions: await Promise.all(KEYS.map((secret) => people.findSession(digest(secret)))),
    invites: await Promise.all(KEYS.map((secret) => people.findInvite(digest(secret)))),
    passkeys: await Promise.all(KEYS.map((key) => people.findPasskey(key))),
  };
}

Deno.test("createMemoryPeople() and openSqlitePeople() agree on any sequence of calls", () =>
  within(
    DEADLINE,
    "the property to be checked",
    fc.assert(
      fc.asyncProperty(
        fc.array(group, { minLength: 1, maxLength: 12 }),
        (groups) =>
          withDir(async (dir) => {
            const memory = createMemoryPeople();
            await using sqlite = await openPeople(dir, { sync: "off" });
            const told = { memory: new Set<string>(), sqlite: new Set<string>() };
            memory.watch((id) => told.memory.add(id));
            sqlite.watch((id) => told.sqlite.add(id));
            for (const group of groups) {
              const texts = group.map(({ text }) => text).join("; ");
              assertEquals(await make(sqlite, group), await make(memory, group), texts);
              assertEquals(await holds(sqlite), await holds(memory), texts);
              assertEquals([...told.sqlite].sort(), [...told.memory].sort(), texts);
              told.memory.clear();
              told.sqlite.clear();
            }
          }),
      ),
      { numRuns: 100 },
    ),
  ));
