/**
 * Opens the store that the configuration selects: one case for each backend.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { DataLocation, Sync } from "../config/config.ts";
import { StartError } from "../config/errors.ts";
import { DataError } from "../sqlite/data_error.ts";
import { createMemoryStore } from "./memory/store.ts";
import { openSqliteStore } from "./sqlite/store.ts";
import type { Store } from "./store.ts";

/** What is known of the data. */
export interface OpenOptions {
  /** Give them a new epoch: they are not what they were when they were last used. Default: no. */
  renewEpoch?: boolean | undefined;
}

/**
 * Opens the store.
 *
 * @throws {StartError} if the data directory cannot be used
 */
export async function openStore(
  { data, sync }: { data: DataLocation; sync: Sync },
  options: OpenOptions = {},
): Promise<Store> {
  switch (data.kind) {
    case "memory":
      return createMemoryStore();
    case "directory":
      return await openDirectory(data.path, sync, options);
  }
}

async function openDirectory(dir: string, sync: Sync, options: OpenOptions): Promise<Store> {
  try {
    return await openSqliteStore({
      dir,
      sync,
      logger: getLogger(["hubbub", "store"]),
      renewEpoch: options.renewEpoch,
    });
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new StartError(`${error.message} with --data`, { cause: error });
  }
}
