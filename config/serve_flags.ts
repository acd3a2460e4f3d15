/**
 * The flags of `hubbub serve`: the one place that knows their names, defaults and bounds.
 *
 * @module
 */
import type { Flags } from "./flags.ts";
import * as values from "./values.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const TIB = 1024 * GIB;

/** Timers take at most 2^31 - 1 milliseconds (24.8 days) before they fire at once. */
const LONGEST_TIMER = 7 * DAY;
/** A hundred years: any date before it can be reckoned with in milliseconds. */
const LONGEST_AGE = 36_500 * DAY;

/** All of them, in the order of `--help`. */
export const SERVE_FLAGS = {
  addr: {
    heading: "Listening",
    type: "single",
    kind: values.address,
    default: ":8080",
    help: "where to listen: a port of all interfaces, of one interface, or a Unix socket; " +
      "port 0 chooses a free one",
  },
  transport: {
    type: "single",
    kind: values.choice(["deno", "node"]),
    default: "deno",
    help: "the WebSocket server to use: Deno's own, or Node's with the ws package",
  },
  "allow-origin": {
    type: "repeated",
    kind: values.origin,
    help: "lets pages of another host connect from a browser; may be given several times",
  },
  "api-token": {
    type: "repeated",
    kind: values.apiToken,
    help: "lets whoever knows SECRET speak through the HTTP API as NAME; may be given several " +
      "times. Better given by the variable: command lines are seen by other users",
  },
  data: {
    heading: "History",
    type: "single",
    kind: values.dataLocation,
    default: "hubbub-data",
    help: "the directory of messages and files, made if missing; :memory: keeps nothing",
  },
  sync: {
    type: "single",
    kind: values.choice(["full", "normal", "off"]),
    default: "full",
    help: "what a shown message survives: a power cut (full), a crash of the server (normal), " +
      "or perhaps nothing (off)",
  },
  retain: {
    type: "optional",
    kind: values.duration({ min: SECOND, max: LONGEST_AGE, zero: "ever" }),
    absent: "for ever",
    help: "how long messages are kept",
  },
  "retain-messages": {
    type: "optional",
    kind: values.limit(1_000_000_000),
    absent: "all",
    help: "how many messages of each room are kept",
  },
  "ping-interval": {
    heading: "Connections",
    type: "single",
    kind: values.duration({ min: SECOND, max: HOUR, zero: "no pings" }),
    default: "20s",
    help: "between two pings; a peer silent for two of them is cut off",
  },
  "login-timeout": {
    type: "single",
    kind: values.duration({ min: SECOND, max: HOUR, zero: "no limit" }),
    default: "30s",
    help: "how soon a connection must have logged in",
  },
  "idle-kick": {
    type: "single",
    kind: values.duration({ min: SECOND, max: LONGEST_TIMER, zero: "never" }),
    default: "0",
    help: "logs out who has said nothing for this long; 0 is never",
  },
  rate: {
    type: "single",
    kind: values.count({ min: 1, max: 1_000_000, zero: "no limit" }),
    default: "20",
    help: "messages a second that a connection may send in the long run; 0 is no limit",
  },
  burst: {
    type: "single",
    kind: values.count({ min: 1, max: 1_000_000 }),
    default: "40",
    help: "messages that a connection may send at once before the rate binds",
  },
  "max-connections": {
    type: "single",
    kind: values.limit(10_000_000),
    default: "10000",
    help: "connections at a time; 0 is no limit",
  },
  "max-connections-per-address": {
    type: "single",
    kind: values.limit(10_000_000),
    default: "100",
    help: "connections at a time from one IP address; 0 is no limit",
  },
  "max-rooms": {
    type: "single",
    kind: values.count({ min: 1, max: 100_000 }),
    default: "100",
    help: "rooms that one connection may be in",
  },
  "max-message": {
    type: "single",
    kind: values.size({ min: 64, max: 16 * MIB }),
    default: "16KiB",
    help: "longest text of a message, in bytes of UTF-8",
  },
  "max-queue": {
    type: "single",
    kind: values.size({ min: KIB, max: GIB }),
    default: "1MiB",
    help: "what may wait to go out to one connection; who lets more pile up is dropped and can " +
      "resume. At least 8 times --max-message",
  },
  "max-file": {
    heading: "Files",
    type: "single",
    kind: values.size({ min: 1, max: TIB, zero: "no uploads" }),
    default: "25MiB",
    help: "largest upload; 0 allows none",
  },
  "retain-files": {
    type: "optional",
    kind: values.duration({ min: SECOND, max: LONGEST_AGE, zero: "ever" }),
    absent: "as long as their messages",
    help: "how long uploads are kept",
  },
  "max-storage": {
    type: "single",
    kind: values.sizeLimit({ min: MIB, max: 1024 * TIB }),
    default: "10GiB",
    help: "all uploads together; 0 is no limit",
  },
  "log-level": {
    heading: "Log",
    type: "single",
    kind: values.choice(["debug", "info", "warn", "error"]),
    default: "info",
    help: "the least severe level that is logged",
  },
  "log-format": {
    type: "single",
    kind: values.choice(["auto", "pretty", "json"]),
    default: "auto",
    help:
      "how standard error is written: for people, as JSON lines, or by whether it is a terminal",
  },
} as const satisfies Flags;
