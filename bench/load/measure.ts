/**
 * A measurement for a comparison: loads a server that the benchmark has started, and fails if a single
 * client is lost.
 *
 * @module
 */
import { cpuSeconds } from "../run/proc.ts";
import { ClientPool, type PoolOptions } from "../../cli/load/client_pool.ts";
import { LoadDriver, type LoadModel } from "../../cli/load/driver.ts";
import { LatencyHistogram } from "../../cli/load/histogram.ts";
import type { Measurement } from "./measurement.ts";
import { UsageMeter } from "../../cli/load/usage.ts";

/** Nothing arrives for this long, in milliseconds: all clients have entered. */
const QUIET_MS = 500;

/** How long messages in flight may take to arrive after an open loop ends, in milliseconds. */
const DRAIN_MS = 10_000;

/** Interval at which this is checked, in milliseconds. */
const DRAIN_TICK_MS = 10;

/** What to measure. */
export interface MeasureOptions extends PoolOptions {
  readonly model: LoadModel;
  /** Time before counting starts, in seconds. */
  readonly warmup: number;
  /** How long to count, in seconds. */
  readonly seconds: number;
  /** The server's process, whose processor time is measured; 0 if unknown. */
  readonly pid: number;
}

/**
 * Measures a server.
 *
 * @throws {Error} if a client cannot connect or loses its connection, or nothing arrives
 */
export async function measure(options: MeasureOptions): Promise<Measurement> {
  const { model } = options;
  const pool = new ClientPool(options);
  try {
    await Promise.race([pool.failed, pool.connect({ login: "together" })]);
    await pool.settle(QUIET_MS);
    if (model.kind === "open") pool.relax();
    const driver = new LoadDriver(pool, model);
    driver.start();
    try {
      await Promise.race([pool.failed, pause(options.warmup * 1000)]);
      const counted = await count(pool, options);
      driver.stop();
      if (model.kind === "open") await drain(pool);
      if (counted.deliveries === 0) throw new Error("No message arrived");
      const { latency } = pool.totals;
      return {
        ...counted,
        p50: latency.percentile(0.5),
        p99: latency.percentile(0.99),
        p999: latency.percentile(0.999),
        max: latency.max,
        undelivered: model.kind === "open" ? pool.undelivered : null,
      };
    } finally {
      driver.stop();
    }
  } finally {
    await pool.close();
  }
}

type Counted = Omit<Measurement, "p50" | "p99" | "p999" | "max" | "undelivered">;

async function count(
  pool: ClientPool,
  { seconds: wanted, pid }: MeasureOptions,
): Promise<Counted> {
  pool.totals.latency = new LatencyHistogram();
  const before = { ...totals(pool), cpu: cpuSeconds(pid), at: performance.now() };
  const usage = new UsageMeter();
  try {
    await Promise.race([pool.failed, pause(wanted * 1000)]);
    const after = { ...totals(pool), cpu: cpuSeconds(pid), at: performance.now() };
    const seconds = (after.at - before.at) / 1000;
    return {
      seconds,
      messages: (after.messages - before.messages) / seconds,
      deliveries: (after.deliveries - before.deliveries) / seconds,
      frames: (after.frames - before.frames) / seconds,
      bytes: (after.bytes - before.bytes) / seconds,
      generatorCpu: usage.read().cpu,
      serverCpu: before.cpu === undefined || after.cpu === undefined
        ? null
        : (after.cpu - before.cpu) / seconds,
    };
  } finally {
    usage.stop();
  }
}

function totals({ totals: { sent, deliveries, frames, bytes } }: ClientPool) {
  return { deliveries, frames, bytes, messages: sent };
}

/** Waits until all messages have arrived, at most `DRAIN_MS`. */
async function drain(pool: ClientPool): Promise<void> {
  const end = performance.now() + DRAIN_MS;
  while (pool.undelivered > 0 && performance.now() < end) {
    await Promise.race([pool.failed, pause(DRAIN_TICK_MS)]);
  }
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
