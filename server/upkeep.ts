/**
 * What the server does again and again beside serving: it removes what is too old, and notes the time.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { PlausibleClock } from "../clock/plausible.ts";
import type { FileStore } from "../files/file_store.ts";
import type { HubCommands } from "../hub/commands.ts";
import { expireRooms } from "../hub/room_expiry.ts";
import type { VisitService } from "../people/visit_service.ts";
import { LostWriteError } from "../sqlite/data_error.ts";
import type { Retention, Store } from "../store/store.ts";

const logger = getLogger(["hubbub", "server"]);

/** Interval at which guests and sessions whose time is over are removed, in milliseconds. */
const PEOPLE_SWEEP_MS = 5000;

/** Interval at which the time is noted, and old messages and files are removed, in milliseconds. */
const MINUTE_MS = 60_000;

/** What is kept up. */
export interface UpkeepOptions {
  readonly store: Pick<Store, "noteTime" | "retain">;
  readonly files: Pick<FileStore, "collect">;
  readonly visits: Pick<VisitService, "sweep" | "describe">;
  readonly hub: HubCommands;
  /** How long a room is kept in which nothing was ever said, in milliseconds; 0: forever. */
  readonly retainEmptyRooms: number;
  readonly retention: Retention;
  /** Tells how old something is: a wrong time of day must not make everything too old. */
  readonly clock: Pick<PlausibleClock, "now" | "warning">;
}

/** Keeps the data up, from its creation until `stop`. What goes wrong is logged, and tried again. */
export class Upkeep {
  readonly #options: UpkeepOptions;
  readonly #timers: ReturnType<typeof setInterval>[];
  #isDoubtful = false;
  #notes = true;

  constructor(options: UpkeepOptions) {
    this.#options = options;
    this.#timers = [
      setInterval(() => void options.visits.sweep(options.clock.now()), PEOPLE_SWEEP_MS),
      setInterval(() => void this.tend(), MINUTE_MS),
    ];
    void options.visits.sweep(options.clock.now());
    void this.tend();
  }

  /** Stops, and notes the time at which it did. */
  async stop(): Promise<void> {
    for (const timer of this.#timers) clearInterval(timer);
    await this.#noteTime();
  }

  /** Notes the time, and removes old messages and files; what is done every minute. Never rejects. */
  async tend(): Promise<void> {
    const { store, files, retention, clock, hub, visits, retainEmptyRooms } = this.#options;
    const now = clock.now();
    this.#tellOfDoubt();
    const removals = [
      remove("files", () => files.collect(now)),
      ...(isLimited(retention) ? [remove("old messages", () => store.retain(retention, now))] : []),
      ...(retainEmptyRooms > 0
        ? [remove("empty rooms", () => expireRooms(hub, visits, now - retainEmptyRooms))]
        : []),
    ];
    await Promise.all([this.#noteTime(), ...removals]);
  }

  /** Says once that the time of day is not believed, and once that it is again. */
  #tellOfDoubt(): void {
    const { warning } = this.#options.clock;
    if (this.#isDoubtful === (warning !== undefined)) return;
    this.#isDoubtful = !this.#isDoubtful;
    if (warning !== undefined) logger.warn(warning);
    else logger.info("The clock is plausible again");
  }

  async #noteTime(): Promise<void> {
    const { store, clock } = this.#options;
    try {
      await store.noteTime(clock.now());
      this.#notes = true;
    } catch (error) {
      // The end of the server, of which more is said elsewhere.
      if (error instanceof LostWriteError) return;
      if (this.#notes) logger.warn("Cannot note the time: {error}", { error });
      this.#notes = false;
    }
  }
}

function isLimited({ maxAge, maxMessages }: Retention): boolean {
  return maxAge !== undefined || maxMessages !== undefined;
}

async function remove(what: string, act: () => Promise<number>): Promise<void> {
  try {
    const removed = await act();
    if (removed > 0) logger.info(`Removed {removed} ${what}`, { removed });
  } catch (error) {
    if (error instanceof LostWriteError) return;
    logger.error(`Removing ${what} failed: {error}`, { error });
  }
}
