/**
 * Helpers for tests of the people store in a directory.
 *
 * @module
 */
import type { PeopleStore } from "../../people/store.ts";
import { openSqlitePeople, type SqlitePeopleOptions } from "../../people/sqlite/store.ts";
import { DEADLINE, within } from "../support/within.ts";

/** Calls a function with a temporary directory, removed afterwards. Fails if it takes too long. */
export async function withDir(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = Deno.makeTempDirSync({ prefix: "hubbub-" });
  try {
    await within(DEADLINE, "a test with a people store to end", run(dir));
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

/** Opens a store with the server's defaults; closed at the end of the scope. */
export async function openPeople(
  dir: string,
  options: Partial<SqlitePeopleOptions> = {},
): Promise<PeopleStore & AsyncDisposable> {
  const people = await openSqlitePeople({ dir, sync: "full", ...options });
  return Object.assign(people, { [Symbol.asyncDispose]: () => people.close() });
}
