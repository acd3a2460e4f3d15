/**
 * Opens everything that the server keeps, in order, and closes it again.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { PlausibleClock } from "../clock/plausible.ts";
import type { ServeConfig } from "../config/config.ts";
import { StartError } from "../config/errors.ts";
import { checkInBackground } from "../data/background.ts";
import { checkBeforeStart, type Findings } from "../data/guard.ts";
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
  /** Whether the check that goes on after the start has found damage. */
  isDamaged(): boolean;
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
  const { renewEpoch, partly } = await checkData(config);
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
    const failed = Promise.race([store.failed, files.failed, people.store.failed]);
    const rooms = await store.roomsState();
    let damaged = false;
    if (partly && config.data.kind === "directory") {
      keep(checkRest(config.data.path, () => damaged = true));
    }
    const isDamaged = () => damaged;
    return { store, rooms, files, people, clock, failed, isDamaged, close: () => closeAll(opened) };
  } catch (error) {
    await closeAll(opened);
    if (!(error instanceof DamageError)) throw error;
    throw new StartError(error.message, { cause: error });
  }
}

/** Checks a data directory before anything in it is opened. */
async function checkData({ data }: ServeConfig): Promise<Findings> {
  if (data.kind !== "directory") return { warnings: [], renewEpoch: false };
  const findings = await checkBeforeStart(data.path);
  for (const warning of findings.warnings) logger.warn(warning);
  return findings;
}

/**
 * Goes on with the check of data that are too large for the start.
 *
 * @param found called if they are damaged
 */
function checkRest(dir: string, found: () => void): { close(): Promise<void> } {
  const { done, stop } = checkInBackground(dir);
  const logged = done.then(({ problems, failure }) => {
    for (const problem of problems) logger.error(problem);
    if (problems.length > 0) found();
    if (failure !== undefined) {
      logger.warn("The check of the data did not end: {failure}", { failure });
    }
  });
  return {
    close() {
      stop();
      return logged;
    },
  };
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
