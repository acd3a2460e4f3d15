/**
 * Keeps the process below `--max-memory`: above it nobody new is accepted, and connections are closed that
 * nobody misses. With `--transport deno` nothing else bounds what clients make the runtime hold.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { steadyNow } from "../clock/steady.ts";
import type { Metrics } from "../metrics/metrics.ts";

const logger = getLogger(["hubbub", "memory"]);

/** Interval of the samples, in milliseconds: a gigabit a second brings 13 MB meanwhile. One takes 7 µs. */
const SAMPLE_MS = 100;

/** Memory must fall to this part of the limit before everybody is accepted again. */
const RELEASE_SHARE = 0.9;

/** Time that each kind of relief has to show an effect before the next is tried too, in milliseconds. */
const ESCALATE_MS = 1000;

/** What is watched, and what can be done. */
export interface MemoryGuardOptions {
  /** Bytes that the process may hold; `Infinity`: no limit. */
  readonly maxMemory: number;
  readonly metrics: Metrics;
  /** Bytes that the process holds. Default: its resident set. */
  readonly measure?: () => number;
  /** Milliseconds that nobody can set. */
  readonly now?: () => number;
}

/** Closes connections and returns how many. */
export type Relief = () => number;

/**
 * Watches the memory of the process.
 *
 * - Above the limit {@linkcode MemoryGuard.isLimited} is true, until memory has fallen to nine tenths of the limit.
 * - Meanwhile each sample calls the reliefs that were added, in their order: the first one at once, and each
 *   further one when the ones before it have not helped for a second.
 * - Each change is logged once.
 *
 * @example
 * ```ts
 * const guard = new MemoryGuard({ maxMemory: config.maxMemory, metrics });
 * guard.addRelief(() => hub.closeUnauthenticated());
 * guard.start();
 * if (guard.isLimited()) return unavailable("the server is short of memory", 5);
 * ```
 */
export class MemoryGuard {
  readonly #limit: number;
  readonly #measure: () => number;
  readonly #now: () => number;
  readonly #reliefs: Relief[] = [];
  #timer: ReturnType<typeof setInterval> | undefined;
  #bytes = 0;
  /** When the limit was exceeded; `undefined` if it is not. */
  #since: number | undefined;
  #closed = 0;

  constructor(
    { maxMemory, metrics, measure = residentBytes, now = steadyNow }: MemoryGuardOptions,
  ) {
    this.#limit = maxMemory;
    this.#measure = measure;
    this.#now = now;
    metrics.register({
      name: "hubbub_memory_limited",
      help:
        "Whether nobody new is accepted, because the process holds more than --max-memory: 1 or 0",
      type: "gauge",
      read: () => this.isLimited() ? 1 : 0,
    });
  }

  /** Whether nobody new may be accepted. */
  isLimited(): boolean {
    return this.#since !== undefined;
  }

  /** Adds what can be closed, after all that is missed less. */
  addRelief(relief: Relief): void {
    this.#reliefs.push(relief);
  }

  /** Begins to watch, unless there is no limit. */
  start(): void {
    if (this.#limit === Infinity || this.#timer !== undefined) return;
    this.sample();
    this.#timer = setInterval(() => this.sample(), SAMPLE_MS);
  }

  /** Stops watching; nobody is kept out any more. */
  stop(): void {
    clearInterval(this.#timer);
    this.#timer = undefined;
    this.#since = undefined;
  }

  /** Measures, and does what follows from it. */
  sample(): void {
    const now = this.#now();
    this.#bytes = this.#measure();
    if (this.#since === undefined) {
      if (this.#bytes <= this.#limit) return;
      this.#since = now;
      this.#closed = 0;
      logger.warn("The process holds more than --max-memory: nobody new is accepted", {
        bytes: this.#bytes,
        limit: this.#limit,
      });
    } else if (this.#bytes <= this.#limit * RELEASE_SHARE) {
      this.#since = undefined;
      logger.info("Memory is below --max-memory again: everybody is accepted", {
        bytes: this.#bytes,
        closed: this.#closed,
      });
      return;
    }
    if (this.#bytes <= this.#limit) return;
    const stages = 1 + Math.floor((now - this.#since) / ESCALATE_MS);
    for (const relief of this.#reliefs.slice(0, stages)) this.#closed += relief();
  }
}

/** Memory of the process that is in RAM, in bytes. */
function residentBytes(): number {
  return Deno.memoryUsage().rss;
}
