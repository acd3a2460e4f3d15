/**
 * A single run: starts a server, puts a load on it and stops it.
 *
 * @module
 */
import { type Case, PAYLOAD } from "../cases.ts";
import { type Measurement, parseMeasurement } from "../load/measurement.ts";
import { type Contestant, ROOT } from "./contestants.ts";
import { runLoad, ServerProcess } from "./processes.ts";

/** The duration of a run, in seconds. */
export interface Timing {
  /** Before counting starts. */
  readonly warmup: number;
  /** While counting. */
  readonly seconds: number;
}

/** The outcome of a run. */
export type Outcome = Measurement | Failure;

/** Why a run failed. */
export interface Failure {
  readonly failure: string;
}

/** Maximum time of a run besides its duration, for connecting and closing, in milliseconds. */
const OVERHEAD_MS = 120_000;

/** Measures a server once. Failures are outcomes too. */
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
    // Deno requires all permissions to read /proc.
    "-A",
    `${ROOT}bench/load/main.ts`,
    ...Object.entries(flags).map(([name, value]) => `--${name}=${value}`),
  ];
}
