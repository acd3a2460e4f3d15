/**
 * `hubbub bench`: connects clients, lets them talk, and prints what reached them how fast.
 *
 * @module
 */
import type { BENCH_FLAGS } from "./bench_flags.ts";
import { Load, type LoadOptions, type Pace } from "./bench/load.ts";
import { OwnLoadMeter } from "./bench/own_load.ts";
import { formatProgress, formatResult, jsonResult, type Result } from "./bench/report.ts";
import { StartError, UsageError } from "../config/errors.ts";
import type { Input } from "./command.ts";
import type { Values } from "../config/flags.ts";
import { serverOperand } from "./server_operand.ts";

/** Between two lines of progress, in milliseconds. */
const PROGRESS_MS = 1000;

/** The window when neither it nor a rate is given. */
const DEFAULT_WINDOW = 100;

/** Measures a server and prints the result. */
export async function run(input: Input<typeof BENCH_FLAGS>): Promise<number> {
  const { flags } = input;
  const url = serverOperand(input.operands[0]).socket;
  const options = { ...readOptions(flags), url };
  const load = new Load(options);
  try {
    const connectSeconds = await connect(load, options);
    load.start();
    await pause(flags.warmup);
    const measured = await measure(load, flags.duration, flags.json ? () => {} : console.error);
    const { url, clients, senders, rooms, pace, payload } = options;
    const asked = { clients, senders, rooms, pace, payload };
    const { refusals, lost } = load;
    const result = { url, asked, connectSeconds, ...measured, refusals, lost };
    console.log(flags.json ? JSON.stringify(jsonResult(result)) : formatResult(result));
  } finally {
    load.stop();
  }
  return 0;
}

function readOptions(flags: Values<typeof BENCH_FLAGS>): Omit<LoadOptions, "url"> {
  const { clients, senders = clients, rooms, window, rate, payload, ramp, token } = flags;
  if (window !== undefined && rate !== undefined) {
    throw new UsageError("Cannot use --window with --rate: each is a pace of its own; give one");
  }
  if (senders > clients) {
    throw new UsageError(
      `Cannot use --senders ${senders}: must be at most --clients, which is ${clients}`,
    );
  }
  if (rooms > senders) {
    throw new UsageError(
      `Cannot use --rooms ${rooms}: somebody must talk in each, and only ${senders} do`,
    );
  }
  const pace: Pace = rate === undefined
    ? { kind: "window", messages: window ?? DEFAULT_WINDOW }
    : { kind: "rate", perSecond: rate };
  const secret = token === undefined ? {} : { token: token.reveal() };
  return { clients, senders, rooms, pace, payload, ramp, ...secret };
}

/** Connects everybody. Returns how long that took, in seconds. */
async function connect(load: Load, options: LoadOptions): Promise<number> {
  const start = performance.now();
  await load.connect();
  const [reason = "nobody could log in"] = [...load.refusals.keys(), ...load.lost.keys()];
  if (load.limits === undefined || load.members === 0) {
    throw new StartError(`Cannot measure ${options.url}: ${reason}`);
  }
  const { rate } = load.limits;
  const { pace, senders } = options;
  const least = pace.kind === "rate" ? pace.perSecond / senders : Infinity;
  if (rate > 0 && least > rate) {
    throw new StartError(
      `Cannot measure ${options.url}: it lets each connection say ${rate} messages a second; ` +
        `start it with --rate 0, or use --rate of at most ${rate * senders} here`,
    );
  }
  return (performance.now() - start) / 1000;
}

/** Counts for a while, telling how it goes once a second. */
async function measure(
  load: Load,
  duration: number,
  tell: (line: string) => void,
): Promise<Pick<Result, "connected" | "seconds" | "counts" | "own">> {
  const connected = load.members;
  load.reset();
  const total = load.counts;
  const own = new OwnLoadMeter();
  const start = performance.now();
  let before = { deliveries: 0, at: start };
  const timer = setInterval(() => {
    const now = performance.now();
    const recent = { ...total, deliveries: total.deliveries - before.deliveries };
    const second = Math.round((now - start) / 1000);
    tell(formatProgress(second, recent, (now - before.at) / 1000, own.read()));
    before = { deliveries: total.deliveries, at: now };
  }, PROGRESS_MS);
  await pause(duration);
  clearInterval(timer);
  const seconds = (performance.now() - start) / 1000;
  return { connected, seconds, counts: load.reset(), own: own.stop() };
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
