/**
 * The load generator of the comparisons, in a process of its own: `deno run -A bench/load/main.ts
 * --port 8080 --clients 100 --window 1000` prints one measurement as a line of JSON.
 *
 * @module
 */
import { parseArgs } from "node:util";
import { loopbackAddress } from "../../cli/load/client_pool.ts";
import { DIALECTS } from "../../cli/load/dialect.ts";
import { measure, type MeasureOptions } from "./measure.ts";
import { MIN_MESSAGE } from "../../cli/load/stamps.ts";

/**
 * In a closed loop one of this many deliveries to a client is timed. A prime, so that it does not fall
 * in step with anything.
 */
const SAMPLE_EVERY = 61;

/** Number of clients that are timed in an open loop. */
const TIMED = 1000;

/** Parses the command line. */
function readOptions(args: readonly string[]): MeasureOptions {
  const { values } = parseArgs({
    args: [...args],
    options: {
      port: { type: "string" },
      dialect: { type: "string", default: "hubbub" },
      clients: { type: "string", default: "100" },
      rooms: { type: "string", default: "1" },
      window: { type: "string" },
      rate: { type: "string" },
      payload: { type: "string", default: "64" },
      warmup: { type: "string", default: "1" },
      seconds: { type: "string", default: "4" },
      pid: { type: "string", default: "0" },
    },
  });
  const number = (name: keyof typeof values, least: number) => {
    const value = Number(values[name]);
    if (value >= least) return value;
    throw new Error(`Cannot read --${name}: must be at least ${least}, received ${values[name]}`);
  };
  if (values.dialect !== "hubbub" && values.dialect !== "relay") {
    throw new Error(`Cannot read --dialect: must be hubbub or relay, received "${values.dialect}"`);
  }
  const dialect = DIALECTS[values.dialect];
  const [clients, rooms] = [number("clients", 1), number("rooms", 1)];
  if (clients % rooms !== 0) {
    throw new Error(`Cannot spread ${clients} clients evenly over ${rooms} rooms`);
  }
  return {
    url: `ws://127.0.0.1:${number("port", 1)}${dialect.path}`,
    hostname: loopbackAddress,
    dialect,
    clients,
    senders: clients,
    rooms,
    payload: number("payload", MIN_MESSAGE),
    timed: TIMED,
    sampleEvery: values.rate === undefined ? SAMPLE_EVERY : 1,
    model: values.rate === undefined
      ? { kind: "closed", window: number("window", 1) }
      : { kind: "open", rate: number("rate", 1) },
    warmup: number("warmup", 0),
    seconds: number("seconds", 0.1),
    pid: number("pid", 0),
  };
}

if (import.meta.main) {
  try {
    console.log(JSON.stringify(await measure(readOptions(Deno.args))));
  } catch (error) {
    console.error(error instanceof Error ? error.message : error);
    Deno.exit(1);
  }
}
