/**
 * `hubbub bench`: puts a load on a server and prints its throughput and latency.
 *
 * @module
 */
import { ClientPool, type PoolOptions } from "./load/client_pool.ts";
import { hubbub } from "./load/dialect.ts";
import { LoadDriver, type LoadModel } from "./load/driver.ts";
import { LatencyHistogram } from "./load/histogram.ts";
import { UsageMeter } from "./load/usage.ts";
import type { BENCH_FLAGS } from "./bench_flags.ts";
import {
  type Counts,
  formatProgress,
  formatResult,
  jsonResult,
  type Result,
} from "./load/report.ts";
import { StartError, UsageError } from "../config/errors.ts";
import type { Input } from "./command.ts";
import type { Values } from "../config/flags.ts";
import { serverOperand } from "./server_operand.ts";

/** Interval between lines of progress, in milliseconds. */
const PROGRESS_MS = 1000;

/** The window if neither `--window` nor `--rate` is given. */
const DEFAULT_WINDOW = 100;

type BenchValues = Values<typeof BENCH_FLAGS>;

/** Measures a server and prints the result. */
export async function run(input: Input<typeof BENCH_FLAGS>): Promise<number> {
  const { flags } = input;
  const { senders = flags.clients } = flags;
  checkFlags(flags, senders);
  const url = serverOperand(input.operands[0]).socket;
  const model = loadModel(flags);
  const pool = new ClientPool(poolOptions(url, flags, senders));
  const driver = new LoadDriver(pool, model);
  try {
    const connectSeconds = await connect(pool, flags.ramp);
    checkReady(pool, url, model);
    driver.start();
    await pause(flags.warmup);
    const print = flags.json ? () => {} : console.error;
    const measured = await measure(pool, flags.duration, print);
    const { clients, rooms, payload } = flags;
    const asked = { clients, senders, rooms, model, payload };
    const { refusals, lost } = pool.totals;
    const result = { url, asked, connectSeconds, ...measured, refusals, lost };
    console.log(flags.json ? JSON.stringify(jsonResult(result)) : formatResult(result));
  } finally {
    driver.stop();
    await pool.close();
  }
  return 0;
}

/** @throws {UsageError} if flags contradict each other */
function checkFlags({ clients, rooms, window, rate }: BenchValues, senders: number): void {
  if (window !== undefined && rate !== undefined) {
    throw new UsageError("Cannot use --window with --rate: they are two load models; give one");
  }
  if (senders > clients) {
    throw new UsageError(
      `Cannot use --senders ${senders}: must be at most --clients, which is ${clients}`,
    );
  }
  if (rooms > senders) {
    throw new UsageError(
      `Cannot use --rooms ${rooms}: each room needs a sender, and there are only ${senders}`,
    );
  }
}

function loadModel({ window, rate }: BenchValues): LoadModel {
  return rate === undefined
    ? { kind: "closed", window: window ?? DEFAULT_WINDOW }
    : { kind: "open", rate };
}

function poolOptions(url: string, flags: BenchValues, senders: number): PoolOptions {
  const { clients, rooms, payload, token } = flags;
  // Keeps the names apart from those of users, and of other benchmarks.
  const prefix = `bench-${crypto.randomUUID().slice(0, 8)}-`;
  const dialect = hubbub({ prefix, ...(token !== undefined && { token: token.reveal() }) });
  return { url, dialect, clients, senders, rooms, payload, timed: clients, sampleEvery: 1 };
}

/** Connects all clients. Returns how long that took, in seconds. */
async function connect(pool: ClientPool, ramp: number): Promise<number> {
  const start = performance.now();
  await pool.connect({ ramp });
  return (performance.now() - start) / 1000;
}

/** @throws {StartError} if nobody is logged in, or the server does not allow the load */
function checkReady(pool: ClientPool, url: string, model: LoadModel): void {
  const { members, lost, rateLimit = 0 } = pool.totals;
  if (members === 0) {
    const [reason = "no client could log in"] = lost.keys();
    throw new StartError(`Cannot measure ${url}: ${reason}`);
  }
  const { senders } = pool;
  const perSender = model.kind === "open" ? model.rate / senders : Infinity;
  if (rateLimit > 0 && perSender > rateLimit) {
    throw new StartError(
      `Cannot measure ${url}: it allows each connection ${rateLimit} messages a second; ` +
        `start it with --rate 0, or use --rate ${rateLimit * senders} or less here`,
    );
  }
}

/** Counts for a while, and prints the progress once a second. */
async function measure(
  pool: ClientPool,
  duration: number,
  print: (line: string) => void,
): Promise<Pick<Result, "connected" | "seconds" | "counts" | "usage">> {
  const { totals } = pool;
  totals.latency = new LatencyHistogram();
  const { members: connected, sent, deliveries, bytes, latency } = totals;
  const usage = new UsageMeter();
  const start = performance.now();
  const counts = (): Counts => ({
    sent: totals.sent - sent,
    deliveries: totals.deliveries - deliveries,
    bytes: totals.bytes - bytes,
    latency,
  });
  let before = { deliveries: 0, at: start };
  const timer = setInterval(() => {
    const now = performance.now();
    const total = counts();
    const recent = { ...total, deliveries: total.deliveries - before.deliveries };
    const second = Math.round((now - start) / 1000);
    print(formatProgress(second, recent, (now - before.at) / 1000, usage.read()));
    before = { deliveries: total.deliveries, at: now };
  }, PROGRESS_MS);
  await pause(duration);
  clearInterval(timer);
  const seconds = (performance.now() - start) / 1000;
  return { connected, seconds, counts: counts(), usage: usage.stop() };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
