/**
 * Opens the clock by which the server removes what is too old.
 *
 * @module
 */
import { PlausibleClock } from "../clock/plausible.ts";
import { steadyNow } from "../clock/steady.ts";
import type { Store } from "../store/store.ts";

/** Rooms that are looked at in one step. */
const PAGE = 500;

/** What tells the time, and what is known of it. */
export interface ClockOptions {
  readonly store: Pick<Store, "lastNoted" | "rooms">;
  readonly retainNow: boolean;
  /** The time of day, in milliseconds since 1970. */
  readonly wall?: () => number;
}

/** Opens the clock. Data of a version that noted no time are as old as their newest message. */
export async function openClock(
  { store, retainNow, wall = Date.now }: ClockOptions,
): Promise<PlausibleClock> {
  const lastNoted = store.lastNoted ?? (retainNow ? undefined : await newestTime(store));
  return new PlausibleClock({ wall, steady: steadyNow, lastNoted, retainNow });
}

/** `time` of the newest message; `undefined` if there is none. */
async function newestTime(store: Pick<Store, "rooms">): Promise<number | undefined> {
  let newest: number | undefined;
  let after: string | undefined;
  for (;;) {
    const { rooms, complete } = await store.rooms({
      limit: PAGE,
      also: "all",
      ...(after !== undefined && { after }),
    });
    for (const { time } of rooms) newest = Math.max(newest ?? time, time);
    after = rooms.at(-1)?.room;
    if (complete || after === undefined) return newest;
  }
}
