/**
 * A store with a few users, for the tests of the commands that change them.
 *
 * @module
 */
import { openPeople } from "../../people/open.ts";
import type { NewUser, PeopleStore } from "../../people/store.ts";
import { assert } from "../support/assert.ts";

/** When everything happens: 2026-01-02 03:04 UTC. */
export const NOW = Date.UTC(2026, 0, 2, 3, 4, 5);

const USERS: readonly Pick<NewUser, "id" | "name" | "role">[] = [
  { id: "id-of-zoe", name: "Zoë", role: "admin" },
  { id: "id-of-ann", name: "ann", role: "member" },
  { id: "id-of-bot", name: "ci", role: "bot" },
  { id: "id-of-gus", name: "日本", role: "guest" },
];

/** Adds the users, all of them remembered. */
export async function addUsers(people: PeopleStore): Promise<void> {
  for (const user of USERS) {
    assert(await people.add({ ...user, remembered: true, created: NOW }), user.name);
  }
}

/** Runs `test` with a store in memory that holds the users. */
export async function withUsers(test: (people: PeopleStore) => Promise<void>): Promise<void> {
  const people = await openPeople({ data: { kind: "memory" }, sync: "off" });
  try {
    await addUsers(people);
    await test(people);
  } finally {
    await people.close();
  }
}

/** Runs `test` with the path of a data directory whose server has run before and holds the users. */
export async function withDirectory(test: (dir: string) => Promise<void>): Promise<void> {
  const dir = await Deno.makeTempDir();
  try {
    const people = await openPeople({ data: { kind: "directory", path: dir }, sync: "off" });
    await addUsers(people);
    await people.close();
    await test(dir);
  } finally {
    await Deno.remove(dir, { recursive: true });
  }
}
