/**
 * Opens everything that the server keeps, in order, and closes it again.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { PlausibleClock } from "../clock/plausible.ts";
import type { ServeConfig } from "../config/config.ts";
import { StartError } from "../config/errors.ts";
import { checkBeforeStart } from "../data/guard.ts";
import type { FileStore } from "../files/file_store.ts";
import { openFiles } from "../files/open.ts";
import { DamageError } from "../sqlite/data_error.ts";
import { openStore } from "../store/open.ts";
import type { RoomsState, Store } from "../store/store.ts";
import { openClock } from "./clock.ts";
import { openPeopleServices, type People } from "./people.ts";

const logger = getLogger(["hubbub", "server"]);

/** What the server keeps. */
export interface Stores {
  readonly store: Store;
  /** What the store knew of the rooms when it was opened. */
  readonly rooms: RoomsState;
  readonly files: FileStore;
  readonly people: People;
  /** The clock for removals. */
  readonly clock: PlausibleClock;
  /** Resolves if a store has failed for good. Never rejects. */
  readonly failed: Promise<Error>;
  /** Closes all. Never rejects; what goes wrong is logged. */
  close(): Promise<void>;
}

/**
 * Checks the data, and opens them.
 *
 * @throws {StartError} if they are damaged or cannot be used
 * @throws {LostWriteError} if the disk fails meanwhile
 */
export async function openStores(config: ServeConfig): Promise<Stores> {
  const renewEpoch = await checkData(config);
  const opened: { close(): Promise<void> }[] = [];
  const keep = <T extends { close(): Promise<void> }>(store: T): T => {
    opened.unshift(store);
    return store;
  };
  try {
    const store = keep(await openStore(config, { renewEpoch }));
    const clock = await openClock({ store, retainNow: config.retainNow });
    const files = keep(openFiles(config, store));
    const people = await openPeopleServices(config, () => clock.now());
    keep(people.store);
    const failed = Promise.race([store.failed, people.store.failed]);
    const rooms = await store.roomsState();
    return { store, rooms, files, people, clock, failed, close: () => closeAll(opened) };
  } catch (error) {
    await closeAll(opened);
    if (!(error instanceof DamageError)) throw error;
    throw new StartError(error.message, { cause: error });
  }
}

/** Checks a data directory before anything in it is opened. Returns whether its epoch has to be renewed. */
async function checkData({ data }: ServeConfig): Promise<boolean> {
  if (data.kind !== "directory") return false;
  const { warnings, renewEpoch } = await checkBeforeStart(data.path);
  for (const warning of warnings) logger.warn(warning);
  return renewEpoch;
}

/** Closes one after the other: one that fails must not keep the others open. */
async function closeAll(stores: readonly { close(): Promise<void> }[]): Promise<void> {
  for (const store of stores) {
    try {
      await store.close();
    } catch (error) {
      logger.error("Cannot close a store: {error}", { error });
    }
  }
}
