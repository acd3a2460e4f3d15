/**
 * How busy the load generator itself is: a measurement by a program that cannot keep up measures that
 * program.
 *
 * @module
 */
import process from "node:process";
import { Histogram } from "./histogram.ts";

/** How often the loop should come round, in milliseconds. */
const TICK_MS = 10;

/** Share of one processor above which the generator, not the server, may be the limit. */
const BUSY_SHARE = 0.9;

/** Half of all ticks later than this, in milliseconds: the loop is the limit. */
const LATE_MS = 10;

/** What was measured. */
export interface OwnLoad {
  /** Processor time over real time; 1 is one processor, wholly. */
  readonly cpu: number;
  /** How late the loop came round, in milliseconds: the median, and the worst hundredth. */
  readonly lagP50: number;
  readonly lagP99: number;
  /** The figures say more about the generator than about the server. */
  readonly saturated: boolean;
}

/** Judges what was measured. */
export function judge(cpu: number, lagP50: number, lagP99: number): OwnLoad {
  return { cpu, lagP50, lagP99, saturated: cpu >= BUSY_SHARE || lagP50 >= LATE_MS };
}

/** Measures from its making to {@linkcode OwnLoadMeter.stop}. */
export class OwnLoadMeter {
  readonly #lag = new Histogram();
  readonly #startCpu = process.cpuUsage();
  readonly #start = performance.now();
  readonly #timer: ReturnType<typeof setInterval>;
  #last = performance.now();

  constructor() {
    this.#timer = setInterval(() => this.#tick(), TICK_MS);
  }

  /** What was measured so far. */
  read(): OwnLoad {
    const { user, system } = process.cpuUsage(this.#startCpu);
    const elapsed = (performance.now() - this.#start) * 1000;
    const lag = (share: number) => this.#lag.percentile(share) / 1000;
    return judge(elapsed > 0 ? (user + system) / elapsed : 0, lag(0.5), lag(0.99));
  }

  /** Ends the measurement and gives its result. */
  stop(): OwnLoad {
    clearInterval(this.#timer);
    return this.read();
  }

  #tick(): void {
    const now = performance.now();
    this.#lag.record((now - this.#last - TICK_MS) * 1000);
    this.#last = now;
  }
}
