/**
 * Opens the people store that the configuration selects: one case for each backend.
 *
 * @module
 */
import type { DataLocation, Sync } from "../config/config.ts";
import { StartError } from "../config/errors.ts";
import { DataError } from "../sqlite/data_error.ts";
import { createMemoryPeople } from "./memory/store.ts";
import { openSqlitePeople, type SqlitePeopleOptions } from "./sqlite/store.ts";
import type { PeopleStore } from "./store.ts";

/** Settings of {@linkcode openPeople}. */
export interface OpenPeopleOptions {
  readonly data: DataLocation;
  readonly sync: Sync;
  /** Whether this is the server: visits that a server which was killed has left open are ended. */
  readonly serve?: boolean;
  /** Milliseconds since 1970: when those visits ended. Default: the time of day. */
  readonly now?: () => number;
}

/**
 * Opens the people store.
 *
 * @throws {StartError} if the data directory cannot be used
 */
export async function openPeople(options: OpenPeopleOptions): Promise<PeopleStore> {
  const { data, ...rest } = options;
  switch (data.kind) {
    case "memory":
      return createMemoryPeople();
    case "directory":
      return await openDirectory({ ...rest, dir: data.path });
  }
}

async function openDirectory(options: SqlitePeopleOptions): Promise<PeopleStore> {
  try {
    return await openSqlitePeople(options);
  } catch (error) {
    if (!(error instanceof DataError)) throw error;
    throw new StartError(`${error.message} with --data`, { cause: error });
  }
}
