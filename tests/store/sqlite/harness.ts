/**
 * Helpers for tests of the SQLite store.
 *
 * @module
 */
import { openSqliteStore, type SqliteStoreOptions } from "../../../store/sqlite/store.ts";
import type { Store } from "../../../store/store.ts";
import { DEADLINE, within } from "../../support/within.ts";

/** Calls a function with a temporary directory, removed afterwards. Fails if it takes too long. */
export async function withDir(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = Deno.makeTempDirSync({ prefix: "hubbub-" });
  try {
    await within(DEADLINE, "a test with a store to end", run(dir));
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

/** Opens a store with the server's defaults. */
export function openStore(dir: string, options: Partial<SqliteStoreOptions> = {}): Promise<Store> {
  return openSqliteStore({ dir, sync: "full", ...options });
}
