/**
 * Draining: nobody new is accepted, and those who are connected are sent away (4002), a few at a time, so that
 * they do not all come to another server at once.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { steadyNow } from "../clock/steady.ts";
import type { Metrics } from "../metrics/metrics.ts";

const logger = getLogger(["hubbub", "server"]);

/** How often some are sent away, in milliseconds. */
const STEP_MS = 200;

/** What those are told who are sent away. */
const REASON = "The server is being relieved: connect again";

/** What a drain works on. */
export interface DrainOptions {
  /** The chat's connections, oldest first, by number. */
  readonly connections: () => Promise<readonly number[]>;
  /** Sends some of them away. */
  readonly sendAway: (connections: readonly number[], reason: string) => Promise<unknown>;
  /** Closes whatever else is connected; called when the last of the chat has been sent away. */
  readonly closeOthers: (reason: string) => void;
  readonly metrics: Metrics;
  /** Milliseconds that nobody can set. */
  readonly now?: () => number;
  /** Waits so many milliseconds. */
  readonly pause?: (ms: number) => Promise<void>;
}

/** Drains a server. */
export class Drain {
  readonly #options: DrainOptions;
  readonly #now: () => number;
  readonly #pause: (ms: number) => Promise<void>;
  /** When the last one is to be sent away; absent: there is no drain. */
  #deadline: number | undefined;
  #running: Promise<void> = Promise.resolve();
  #isRunning = false;

  constructor(options: DrainOptions) {
    this.#options = options;
    this.#now = options.now ?? steadyNow;
    this.#pause = options.pause ?? ((ms) => new Promise((resolve) => setTimeout(resolve, ms)));
    options.metrics.register({
      name: "hubbub_draining",
      help: "Whether the server accepts nobody new and sends its clients to another one: 1 or 0",
      type: "gauge",
      read: () => this.isDraining ? 1 : 0,
    });
  }

  /** Whether nobody new is accepted. Stays true when all have been sent away. */
  get isDraining(): boolean {
    return this.#deadline !== undefined;
  }

  /** Resolves when all have been sent away, or the drain was called off. Never rejects. */
  get finished(): Promise<void> {
    return this.#running;
  }

  /**
   * Begins, or goes on within another time.
   *
   * @param forMs time within which the last one is sent away, in milliseconds
   */
  start(forMs: number): void {
    logger.info("Draining: clients are sent to another server", { ms: forMs });
    this.#deadline = this.#now() + forMs;
    if (this.#isRunning) return;
    this.#isRunning = true;
    this.#running = this.#run().finally(() => this.#isRunning = false);
  }

  /** Sends nobody away any more, and lets new ones in again. */
  callOff(): void {
    if (this.#deadline === undefined) return;
    this.#deadline = undefined;
    logger.info("Draining was called off");
  }

  async #run(): Promise<void> {
    const { connections, sendAway, closeOthers } = this.#options;
    for (;;) {
      try {
        const there = await connections();
        if (this.#deadline === undefined) return;
        const left = this.#deadline - this.#now();
        await sendAway(there.slice(0, shareOf(there.length, left)), REASON);
        if (there.length === 0 || left <= 0) break;
      } catch (error) {
        // Too busy, and asked again; or at its end, and the server closes all connections itself.
        logger.warn("Cannot send clients away: {error}", { error });
        if (this.#deadline === undefined || this.#deadline <= this.#now()) break;
      }
      await this.#pause(STEP_MS);
      if (this.#deadline === undefined) return;
    }
    closeOthers(REASON);
    logger.info("Drained: all clients were sent to another server");
  }
}

/** How many of those who are there are sent away in a step, so that the last goes in time. */
function shareOf(count: number, left: number): number {
  return left <= STEP_MS ? count : Math.ceil(count * STEP_MS / left);
}
