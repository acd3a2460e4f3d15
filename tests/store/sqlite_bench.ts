/**
 * What the tests of the SQLite store share.
 *
 * @module
 */
import { openSqliteStore, type SqliteStoreOptions } from "../../store/sqlite/store.ts";
import type { Store } from "../../store/store.ts";

/** Runs a test with a directory of its own, removed afterwards. */
export async function withDir(run: (dir: string) => Promise<void>): Promise<void> {
  const dir = Deno.makeTempDirSync({ prefix: "hubbub-" });
  try {
    await run(dir);
  } finally {
    Deno.removeSync(dir, { recursive: true });
  }
}

/** Opens a store as the server does by default. */
export function openStore(dir: string, options: Partial<SqliteStoreOptions> = {}): Promise<Store> {
  return openSqliteStore({ dir, sync: "full", ...options });
}
