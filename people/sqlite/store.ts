/**
 * The people store that is kept in a directory, in the SQLite database `people.db`. Several processes may
 * use it at the same time: a server, and the commands that administer it.
 *
 * @module
 */
import { join } from "node:path";
import type { Sync } from "../../config/config.ts";
import { DataError, reasonOf } from "../../sqlite/data_error.ts";
import { type LogSync, openLog } from "../../sqlite/log_sync.ts";
import type { PeopleStore } from "../store.ts";
import { openDatabase } from "./open.ts";
import { SqlitePeople } from "./people.ts";

/** How often changes by other processes are looked for, in milliseconds. */
const LOOK_MS = 1000;

/** Settings of {@linkcode openSqlitePeople}. */
export interface SqlitePeopleOptions {
  /** The data directory; created if it does not exist. */
  readonly dir: string;
  /**
   * What a change survives. Of the processes that share a directory none must use `off` if another one
   * does not: its checkpoints let the log start over before the disk has the database.
   */
  readonly sync: Sync;
  /**
   * Whether this is the server: nobody visits when it opens the store. Visits that a server which was
   * killed has left open are ended. Default: false.
   */
  readonly serve?: boolean;
  /** The current time, in milliseconds since 1970. */
  readonly now?: () => number;
  /** How often changes by other processes are looked for, in milliseconds. Default: 1000. */
  readonly lookMs?: number;
  /** Opens the log of a database; for tests. */
  readonly openLog?: (database: string) => LogSync;
}

/**
 * Opens the people store of a data directory.
 *
 * @throws {DataError} if the directory or the database in it cannot be used
 */
export async function openSqlitePeople(options: SqlitePeopleOptions): Promise<PeopleStore> {
  const { dir } = options;
  try {
    Deno.mkdirSync(dir, { recursive: true });
    return await open(join(dir, "people.db"), options);
  } catch (error) {
    if (error instanceof DataError) throw error;
    throw new DataError(
      `Cannot use the data directory "${dir}": ${reasonOf(error)}; make it a directory that this ` +
        `user can write to, or choose another directory`,
      { cause: error },
    );
  }
}

async function open(path: string, options: SqlitePeopleOptions): Promise<PeopleStore> {
  const db = await openDatabase(path, options.sync);
  let people: SqlitePeople;
  try {
    const log = options.sync === "full" ? (options.openLog ?? openLog)(path) : undefined;
    people = new SqlitePeople(db, log, options.lookMs ?? LOOK_MS);
  } catch (error) {
    db.close();
    throw error;
  }
  try {
    if (options.serve === true) await people.leaveAll((options.now ?? Date.now)());
    return people;
  } catch (error) {
    await people.close();
    throw error;
  }
}
