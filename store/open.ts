/**
 * Opens the store that the configuration asks for.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { StartError } from "../config/errors.ts";
import type { DataLocation, Sync } from "../config/config.ts";
import { createMemoryStore } from "./memory/store.ts";
import { openSqliteStore, StoreOpenError } from "./sqlite/store.ts";
import type { Store } from "./store.ts";

/**
 * Opens the store.
 *
 * @throws {StartError} if the data directory cannot be used
 */
export async function openStore(
  { data, sync }: { data: DataLocation; sync: Sync },
): Promise<Store> {
  if (data.kind === "memory") return createMemoryStore();
  try {
    return await openSqliteStore({ dir: data.path, sync, logger: getLogger(["hubbub", "store"]) });
  } catch (error) {
    if (!(error instanceof StoreOpenError)) throw error;
    throw new StartError(`${error.message} with --data`, { cause: error });
  }
}
