/**
 * The clock for removals: the time of day as far as it can be believed. One start with the clock a year ahead
 * would otherwise remove a whole history, all sessions and all remembered guests.
 *
 * @module
 */

/** By how much the time of day may run ahead of what is known without being doubted, in milliseconds. */
export const MAX_LEAP_MS = 24 * 60 * 60 * 1000;

/** What a {@linkcode PlausibleClock} reads. All times are in milliseconds. */
export interface PlausibleClockOptions {
  /** The time of day, since 1970. */
  readonly wall: () => number;
  /** A clock that nobody can set, from any beginning. */
  readonly steady: () => number;
  /** The time, since 1970, at which the last run is known to have been there; absent: not known. */
  readonly lastNoted?: number | undefined;
  /** Whether to believe the time of day at the start, whatever was noted. Default: false. */
  readonly retainNow?: boolean;
}

/**
 * A clock that follows the time of day unless that leaps ahead by more than {@linkcode MAX_LEAP_MS}.
 *
 * - At the start a leap is measured from the time that the last run has noted, and while running by the
 *   steady clock, from one reading to the next. Read it every minute.
 * - After a leap it goes on from where it was, at the pace of the steady clock, and says so in
 *   {@linkcode warning}. It follows again once the time of day is plausible again.
 * - It always follows a step backward: then too little is removed, never too much. The step forward that
 *   corrects it is no leap.
 *
 * @example
 * ```ts
 * const clock = new PlausibleClock({ wall: Date.now, steady: steadyNow, lastNoted: store.lastNoted });
 * await store.retain(policy, clock.now());
 * ```
 */
export class PlausibleClock {
  readonly #wall: () => number;
  readonly #steady: () => number;
  /** The latest time of day that was believed, and what the steady clock said then. */
  #believed: number;
  #readAt: number;
  #warning: string | undefined;

  constructor({ wall, steady, lastNoted, retainNow = false }: PlausibleClockOptions) {
    this.#wall = wall;
    this.#steady = steady;
    this.#readAt = steady();
    const now = wall();
    // A time noted in the future proves nothing: the clock was wrong then, or is now.
    this.#believed = retainNow || lastNoted === undefined ? now : Math.min(lastNoted, now);
    this.now();
  }

  /** The latest time that is plausible, in milliseconds since 1970. */
  now(): number {
    const wall = this.#wall();
    const expected = this.#believed + this.#steady() - this.#readAt;
    if (wall > expected + MAX_LEAP_MS) {
      this.#warning = describeLeap(wall, expected);
      // Whole, like the time of day: databases take no fractions.
      return Math.floor(expected);
    }
    this.#warning = undefined;
    if (wall > expected) {
      this.#believed = wall;
      this.#readAt = this.#steady();
    }
    return wall;
  }

  /** Why the last {@linkcode now} was not the time of day, and what to do; `undefined` if it was. */
  get warning(): string | undefined {
    return this.#warning;
  }
}

function describeLeap(wall: number, expected: number): string {
  return `The clock says ${format(wall)}, which is implausible after ${
    format(expected)
  }: what is too ` +
    `old is removed as of ${
      format(expected)
    }; correct the clock or, if it is right, start once with ` +
    "--retain-now";
}

/** Date and time to the minute, in UTC; a number if it is beyond what a date can be. */
function format(time: number): string {
  const date = new Date(time);
  return Number.isNaN(date.getTime()) ? String(time) : `${date.toISOString().slice(0, 16)}Z`;
}
