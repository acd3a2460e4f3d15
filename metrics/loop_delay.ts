/**
 * How late the event loop is, measured by a timer's lateness on a steady clock. `monitorEventLoopDelay` of
 * `node:perf_hooks`, which prom-client would ask, tells nothing on Deno.
 *
 * @module
 */
import { steadyNow } from "../clock/steady.ts";
import { Histogram } from "./histogram.ts";

/** Between two looks, in milliseconds. */
const INTERVAL_MS = 20;

/** Upper bounds of the buckets, in seconds. A timer itself is about a millisecond late. */
const BOUNDS: readonly number[] = [
  0.001,
  0.0025,
  0.005,
  0.01,
  0.025,
  0.05,
  0.1,
  0.25,
  0.5,
  1,
  2.5,
  5,
  10,
];

/** Longest delay that is measured, in milliseconds: longer, and the machine was asleep. */
const LONGEST_MS = 60_000;

/** A clock and a timer, so that tests need not wait. */
export interface LoopDelayOptions {
  /** Milliseconds of a steady clock. */
  readonly now?: () => number;
  /** Calls `act` after so many milliseconds; returns a function that prevents it. */
  readonly schedule?: (act: () => void, ms: number) => () => void;
}

/** Measures until it is stopped. */
export class LoopDelay {
  readonly histogram = new Histogram(BOUNDS);
  readonly #now: () => number;
  readonly #schedule: (act: () => void, ms: number) => () => void;
  #cancel: () => void;

  constructor({ now = steadyNow, schedule = afterTimeout }: LoopDelayOptions = {}) {
    this.#now = now;
    this.#schedule = schedule;
    this.#cancel = this.#next();
  }

  stop(): void {
    this.#cancel();
  }

  #next(): () => void {
    const due = this.#now() + INTERVAL_MS;
    return this.#schedule(() => {
      this.#observe(Math.max(0, this.#now() - due));
      this.#cancel = this.#next();
    }, INTERVAL_MS);
  }

  /**
   * Counts a delay, and those of the timers that would have been due meanwhile: a loop that stood still for a
   * second delayed whatever arrived in that second, not one thing.
   */
  #observe(late: number): void {
    let delay = Math.min(late, LONGEST_MS);
    this.histogram.observe(delay / 1000);
    for (delay -= INTERVAL_MS; delay > 0; delay -= INTERVAL_MS) {
      this.histogram.observe(delay / 1000);
    }
  }
}

function afterTimeout(act: () => void, ms: number): () => void {
  const timer = setTimeout(act, ms);
  Deno.unrefTimer(timer);
  return () => clearTimeout(timer);
}
