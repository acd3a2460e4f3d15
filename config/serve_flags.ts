/**
 * The flags of `hubbub serve`: their names, defaults, bounds and help. A flag is one entry here or, if it is
 * about who may enter, in `people_flags.ts`; about what one client may do, in `limit_flags.ts`.
 *
 * @module
 */
import type { Flags } from "./flags.ts";
import { LIMIT_FLAGS, UPLOAD_LIMIT_FLAGS } from "./limit_flags.ts";
import { basePath } from "./url_values.ts";
import { PEOPLE_FLAGS } from "./people_flags.ts";
import * as values from "./values.ts";

const SECOND = 1000;
const HOUR = 3600 * SECOND;
const DAY = 24 * HOUR;
const KIB = 1024;
const MIB = 1024 * KIB;
const GIB = 1024 * MIB;
const TIB = 1024 * GIB;

/** Timers with more than 2^31 - 1 milliseconds (24.8 days) fire immediately; this is below that. */
const LONGEST_TIMER = 7 * DAY;
/** A hundred years: dates that far back can still be computed in milliseconds. */
const LONGEST_AGE = 36_500 * DAY;

/** All of them, in the order of `--help`. */
export const SERVE_FLAGS = {
  addr: {
    heading: "Listening",
    type: "single",
    kind: values.address,
    default: ":8080",
    help: "where to listen: a port on all interfaces or on one, or a Unix socket; port 0 picks a " +
      "free port",
  },
  cert: {
    type: "optional",
    kind: values.file,
    absent: "plain HTTP",
    help: "a file with the certificate chain (PEM): serves TLS. Read again on SIGHUP",
  },
  key: {
    type: "optional",
    kind: values.file,
    help: "a file with the private key of --cert (PEM)",
  },
  "base-path": {
    type: "single",
    kind: basePath,
    default: "/",
    help:
      "the path under which everything is served, such as /chat, where other things share the host",
  },
  "metrics-addr": {
    type: "optional",
    kind: values.address,
    absent: "on --addr, for admins and API tokens",
    help:
      "where to serve /metrics to anybody who can connect, instead of on --addr; /healthz and " +
      "/readyz are served on both",
  },
  transport: {
    type: "single",
    kind: values.choice(["deno", "node"]),
    default: "deno",
    help:
      "the WebSocket server to use: Deno's own, or node:http with the ws package, which belongs " +
      "on the open internet",
  },
  deflate: {
    type: "switch",
    lasting: true,
    help: "compresses WebSocket messages (permessage-deflate); needs --transport node",
  },
  "allow-origin": {
    type: "repeated",
    kind: values.origin,
    help: "allows pages of this origin to connect from a browser; may be repeated",
  },
  "trust-proxy": {
    type: "repeated",
    kind: values.trustedProxy,
    help:
      "believes the client's address in X-Forwarded-For or Forwarded if the request comes from this " +
      "network, or from a Unix socket (unix); may be repeated",
  },
  "no-echo": { type: "switch", lasting: true, help: "serves no /echo" },
  "no-relay": { type: "switch", lasting: true, help: "serves no /relay" },
  "no-files": { type: "switch", lasting: true, help: "stores no uploads and serves none" },
  "read-api": {
    type: "single",
    kind: values.choice(["open", "sessions"]),
    default: "open",
    help:
      "who may read public rooms over HTTP: whoever may enter (open), or only who has a session",
  },
  "drain-for": {
    type: "single",
    kind: values.duration({ min: SECOND, max: HOUR, zero: "at once" }),
    default: "0",
    help: "time over which a server that is told to stop sends its clients to another one",
  },
  ...PEOPLE_FLAGS,
  data: {
    heading: "History",
    type: "single",
    kind: values.dataLocation,
    default: "hubbub-data",
    help:
      "the directory for messages and files, created if missing; :memory: stores nothing on disk",
  },
  sync: {
    type: "single",
    kind: values.choice(["full", "normal", "off"]),
    default: "full",
    help:
      "what a delivered message survives: a power cut (full), a crash of the server (normal), " +
      "or possibly neither (off)",
  },
  retain: {
    type: "optional",
    kind: values.duration({ min: SECOND, max: LONGEST_AGE, zero: "forever" }),
    absent: "forever",
    help: "how long messages are kept",
  },
  "retain-messages": {
    type: "optional",
    kind: values.limit(1_000_000_000),
    absent: "all",
    help: "how many messages are kept in each room",
  },
  "retain-now": {
    type: "switch",
    help:
      "believes the clock although it is far ahead of when the server last ran: for one start after " +
      "a long rest, so that what is too old is removed",
  },
  "ping-interval": {
    heading: "Connections",
    type: "single",
    kind: values.duration({ min: SECOND, max: HOUR, zero: "no pings" }),
    default: "20s",
    help: "interval between pings; a peer that is silent for two intervals is disconnected",
  },
  "login-timeout": {
    type: "single",
    kind: values.duration({ min: SECOND, max: HOUR, zero: "no limit" }),
    default: "30s",
    help: "how long a connection may take to log in",
  },
  "idle-kick": {
    type: "single",
    kind: values.duration({ min: SECOND, max: LONGEST_TIMER, zero: "never" }),
    default: "0",
    help: "logs out members who send nothing for this long; 0 is never",
  },
  ...LIMIT_FLAGS,
  "max-file": {
    heading: "Files",
    type: "single",
    kind: values.size({ min: 1, max: TIB, zero: "no uploads" }),
    default: "25MiB",
    help: "maximum size of an upload; 0 disables uploads",
  },
  "retain-files": {
    type: "optional",
    kind: values.duration({ min: SECOND, max: LONGEST_AGE, zero: "forever" }),
    absent: "as long as their messages",
    help: "how long uploads are kept",
  },
  "max-storage": {
    type: "single",
    kind: values.sizeLimit({ min: MIB, max: 1024 * TIB }),
    default: "10GiB",
    help: "maximum total size of all uploads; 0 is no limit",
  },
  ...UPLOAD_LIMIT_FLAGS,
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
      "format of the log on standard error: pretty for people, JSON lines, or auto: pretty on " +
      "a terminal, else JSON lines",
  },
} as const satisfies Flags;
