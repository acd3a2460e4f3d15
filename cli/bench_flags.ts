/**
 * The flags of `hubbub bench`. None but the token has a variable of the environment: a measurement
 * should be repeatable from its command line.
 *
 * @module
 */
import type { Flags } from "../config/flags.ts";
import * as clientValues from "./client_values.ts";
import * as values from "../config/values.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;

/** All of them, in the order of `--help`. */
export const BENCH_FLAGS = {
  clients: {
    heading: "Load",
    type: "single",
    kind: values.count({ min: 1, max: 100_000 }),
    default: "100",
    env: false,
    help: "how many connect",
  },
  senders: {
    type: "optional",
    kind: values.count({ min: 1, max: 100_000 }),
    absent: "all",
    env: false,
    help: "how many of the clients talk; the others only listen",
  },
  rooms: {
    type: "single",
    kind: values.count({ min: 1, max: 100_000 }),
    default: "1",
    env: false,
    help: "the clients are spread evenly over so many rooms",
  },
  window: {
    type: "optional",
    kind: values.count({ min: 1, max: 1_000_000 }),
    absent: "100",
    env: false,
    help: "keeps so many messages in flight, which shows how much the server can do",
  },
  rate: {
    type: "optional",
    kind: values.count({ min: 1, max: 10_000_000 }),
    env: false,
    help: "says so many messages a second instead, which shows how fast the server answers",
  },
  payload: {
    type: "single",
    kind: values.size({ min: 16, max: 16 * 1024 * 1024 }),
    default: "64",
    env: false,
    help: "length of each message's text",
  },
  ramp: {
    heading: "Time",
    type: "single",
    kind: values.duration({ min: 1, max: HOUR, zero: "as fast as they are let in" }),
    default: "0",
    env: false,
    help: "over which the clients connect",
  },
  warmup: {
    type: "single",
    kind: values.duration({ min: 1, max: HOUR, zero: "none" }),
    default: "1s",
    env: false,
    help: "how long they talk before anything is counted",
  },
  duration: {
    type: "single",
    kind: values.duration({ min: 100, max: 24 * HOUR }),
    default: "10s",
    env: false,
    help: "how long is counted",
  },
  json: {
    heading: "Result",
    type: "switch",
    help: "prints the result as one JSON object, and no progress",
  },
  token: {
    type: "optional",
    kind: clientValues.token,
    help: "an access token for the server",
  },
} as const satisfies Flags;
