/**
 * The flags of `hubbub bench`. Only the token has an environment variable: a measurement should be
 * repeatable from its command line.
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
    help: "number of clients",
  },
  senders: {
    type: "optional",
    kind: values.count({ min: 1, max: 100_000 }),
    absent: "all",
    env: false,
    help: "number of clients that send; the others only receive",
  },
  rooms: {
    type: "single",
    kind: values.count({ min: 1, max: 100_000 }),
    default: "1",
    env: false,
    help: "number of rooms; the clients are spread evenly over them",
  },
  window: {
    type: "optional",
    kind: values.count({ min: 1, max: 1_000_000 }),
    absent: "100",
    env: false,
    help: "keeps this many messages in flight, which shows the throughput",
  },
  rate: {
    type: "optional",
    kind: values.count({ min: 1, max: 10_000_000 }),
    env: false,
    help: "sends this many messages a second instead, which shows the latency",
  },
  payload: {
    type: "single",
    kind: values.size({ min: 16, max: 16 * 1024 * 1024 }),
    default: "64",
    env: false,
    help: "length of a message's text",
  },
  ramp: {
    heading: "Time",
    type: "single",
    kind: values.duration({ min: 1, max: HOUR, zero: "as fast as the server accepts them" }),
    default: "0",
    env: false,
    help: "time over which the clients connect",
  },
  warmup: {
    type: "single",
    kind: values.duration({ min: 1, max: HOUR, zero: "none" }),
    default: "1s",
    env: false,
    help: "how long to send before counting starts",
  },
  duration: {
    type: "single",
    kind: values.duration({ min: 100, max: 24 * HOUR }),
    default: "10s",
    env: false,
    help: "how long to count",
  },
  json: {
    heading: "Result",
    type: "switch",
    help: "prints the result as a JSON object, without progress",
  },
  token: {
    type: "optional",
    kind: clientValues.token,
    help:
      "the secret of an API token: lets the clients log in to a server that requires one. Prefer " +
      "the variable: other users of the machine can see command lines",
  },
} as const satisfies Flags;
