/**
 * Processor usage and event-loop delay of the load generator itself. A generator that cannot keep up
 * measures itself instead of the server.
 *
 * @module
 */
import process from "node:process";
import { LatencyHistogram } from "./histogram.ts";

/** Interval of the timer whose delay is measured, in milliseconds. */
const TICK_MS = 10;

/** Processor share from which on the generator, not the server, may be the bottleneck. */
const BUSY_SHARE = 0.9;

/** Median event-loop delay, in milliseconds, from which on the generator is the bottleneck. */
const LATE_MS = 10;

/** The usage of the generator. */
export interface Usage {
  /** Processor time divided by elapsed time; 1 is one processor. */
  readonly cpu: number;
  /** Event-loop delay in milliseconds: median and 99th percentile. */
  readonly lagP50: number;
  readonly lagP99: number;
  /** The generator was the bottleneck, so the figures say little about the server. */
  readonly saturated: boolean;
}

/** Decides whether the generator was saturated. */
export function judgeUsage(cpu: number, lagP50: number, lagP99: number): Usage {
  return { cpu, lagP50, lagP99, saturated: cpu >= BUSY_SHARE || lagP50 >= LATE_MS };
}

/** Measures the usage of this process from its creation to {@linkcode UsageMeter.stop}. */
export class UsageMeter {
  readonly #lag = new LatencyHistogram();
  readonly #startCpu = process.cpuUsage();
  readonly #start = performance.now();
  readonly #timer: ReturnType<typeof setInterval>;
  #last = performance.now();

  constructor() {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** The usage so far. */
  read(): Usage {
    const { user, system } = process.cpuUsage(this.#startCpu);
    const elapsed = (performance.now() - this.#start) * 1000;
    const lag = (share: number) => this.#lag.percentile(share) / 1000;
    return judgeUsage(elapsed > 0 ? (user + system) / elapsed : 0, lag(0.5), lag(0.99));
  }

  /** Ends the measurement and returns its result. */
  stop(): Usage {
    clearInterval(this.#timer);
    return this.read();
  }

  #tick(): void {
    const now = performance.now();
    this.#lag.record((now - this.#last - TICK_MS) * 1000);
    this.#last = now;
  }
}
