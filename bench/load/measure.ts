/**
 * One measurement: has a crowd talk for a while and says what came of it.
 *
 * @module
 */
import { Histogram } from "../../cli/bench/histogram.ts";
import { OwnLoadMeter } from "../../cli/bench/own_load.ts";
import { cpuSeconds } from "../run/proc.ts";
import { Crowd, type CrowdOptions } from "./crowd.ts";
import type { Measurement } from "./measurement.ts";
import { type Pace, Talk } from "./talk.ts";

/** Nothing arrives for this long: everybody is in. Milliseconds. */
const QUIET_MS = 500;

/** Time for what is under way at the end of an open loop to arrive, in milliseconds. */
const DRAIN_MS = 10_000;

/** Between two looks at whether it has. */
const DRAIN_TICK_MS = 10;

/** What to measure. */
export interface MeasureOptions extends CrowdOptions {
  readonly pace: Pace;
  /** Before anything is counted, in seconds. */
  readonly warmup: number;
  /** How long is counted, in seconds. */
  readonly seconds: number;
  /** The server's process, whose processor time is measured; 0 if it is not known. */
  readonly pid: number;
}

/**
 * Measures.
 *
 * @throws {Error} if somebody cannot connect or loses the connection, or nothing arrives
 */
export async function measure(options: MeasureOptions): Promise<Measurement> {
  const crowd = new Crowd(options);
  try {
    await crowd.connect();
    await crowd.settle(QUIET_MS);
    if (options.pace.kind === "rate") crowd.relax();
    const talk = new Talk(crowd, options.clients, options.pace);
    talk.start();
    await Promise.race([crowd.failed, pause(options.warmup * 1000)]);
    const counted = await count(crowd, talk, options);
    talk.stop();
    if (options.pace.kind === "rate") await drain(crowd, talk);
    if (counted.deliveries === 0) throw new Error("Nothing that was said arrived");
    const { latency } = crowd;
    return {
      ...counted,
      p50: latency.percentile(0.5),
      p99: latency.percentile(0.99),
      p999: latency.percentile(0.999),
      max: latency.max,
      undelivered: options.pace.kind === "rate" ? Math.round(talk.underWay * crowd.fanOut) : null,
    };
  } finally {
    crowd.close();
  }
}

type Counted = Omit<Measurement, "p50" | "p99" | "p999" | "max" | "undelivered">;

async function count(
  crowd: Crowd,
  talk: Talk,
  { seconds: wanted, pid }: MeasureOptions,
): Promise<Counted> {
  crowd.latency = new Histogram();
  const before = { ...totals(crowd, talk), cpu: cpuSeconds(pid), at: performance.now() };
  const own = new OwnLoadMeter();
  await Promise.race([crowd.failed, pause(wanted * 1000)]);
  const after = { ...totals(crowd, talk), cpu: cpuSeconds(pid), at: performance.now() };
  const seconds = (after.at - before.at) / 1000;
  return {
    seconds,
    messages: (after.messages - before.messages) / seconds,
    deliveries: (after.deliveries - before.deliveries) / seconds,
    frames: (after.frames - before.frames) / seconds,
    bytes: (after.bytes - before.bytes) / seconds,
    generatorCpu: own.stop().cpu,
    serverCpu: before.cpu === undefined || after.cpu === undefined
      ? null
      : (after.cpu - before.cpu) / seconds,
  };
}

function totals({ deliveries, frames, bytes }: Crowd, { sent }: Talk) {
  return { deliveries, frames, bytes, messages: sent };
}

/** Waits until all that was said has arrived, but not for ever. */
async function drain(crowd: Crowd, talk: Talk): Promise<void> {
  const end = performance.now() + DRAIN_MS;
  while (talk.underWay > 0 && performance.now() < end) {
    await Promise.race([crowd.failed, pause(DRAIN_TICK_MS)]);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
