/**
 * One run: starts a server, loads it, and ends it.
 *
 * @module
 */
import { type Case, PAYLOAD } from "../cases.ts";
import { type Measurement, parseMeasurement } from "../load/measurement.ts";
import { type Contestant, ROOT } from "./contestants.ts";
import { runLoad, ServerProcess } from "./processes.ts";

/** How long a run takes, in seconds. */
export interface Timing {
  /** Talking before anything is counted. */
  readonly warmup: number;
  /** Counting. */
  readonly seconds: number;
}

/** What a run came to. */
export type Outcome = Measurement | Failure;

/** Why a run came to nothing. */
export interface Failure {
  readonly failure: string;
}

/** Longest that the load may take beside the time it talks, in milliseconds: connecting, and the end. */
const OVERHEAD_MS = 120_000;

/** Measures a server once. A failure is a result too. */
export async function runOnce(
  contestant: Contestant,
  case_: Case,
  timing: Timing,
): Promise<Outcome> {
  const data = await Deno.makeTempDir({ prefix: "hubbub-bench-" });
  try {
    const server = await ServerProcess.start(contestant.command(data));
    try {
      const command = loadCommand(server, contestant, case_, timing);
      const timeout = (timing.warmup + timing.seconds) * 1000 + OVERHEAD_MS;
      return parseMeasurement(await runLoad(command, timeout));
    } finally {
      await server.stop();
    }
  } catch (error) {
    return { failure: error instanceof Error ? error.message : String(error) };
  } finally {
    await Deno.remove(data, { recursive: true });
  }
}

function loadCommand(
  { port, pid }: ServerProcess,
  { dialect }: Contestant,
  { clients, rooms, model }: Case,
  { warmup, seconds }: Timing,
): string[] {
  const flags = {
    port,
    pid,
    dialect,
    clients,
    rooms,
    warmup,
    seconds,
    payload: PAYLOAD,
    ...(model.kind === "closed" ? { window: model.window } : { rate: model.rate }),
  };
  return [
    Deno.execPath(),
    "run",
    `--config=${ROOT}deno.json`,
    // Deno lets nobody read /proc who may not do everything.
    "-A",
    `${ROOT}bench/load/main.ts`,
    ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
  ];
}
