/**
 * The flags of `hubbub serve` that bound what one connection, user or address may do, so that none can
 * hurt the others.
 *
 * Those that count by the second follow from `--rate` unless they are given: with `--rate 0` there are none.
 * An IPv6 client counts by its network of 64 bits.
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

/** All of them, in the order of `--help`. */
export const LIMIT_FLAGS = {
  rate: {
    heading: "Limits",
    type: "single",
    kind: values.count({ min: 1, max: 1_000_000, zero: "no limit" }),
    default: "20",
    help: "messages a second that a connection may send on average; 0 is no limit",
  },
  burst: {
    type: "single",
    kind: values.count({ min: 1, max: 1_000_000 }),
    default: "40",
    help: "messages that a connection may send at once before --rate applies",
  },
  "max-connections": {
    type: "single",
    kind: values.limit(10_000_000),
    default: "10000",
    help: "maximum number of connections; 0 is no limit",
  },
  "max-connections-per-address": {
    type: "single",
    kind: values.limit(10_000_000),
    default: "100",
    help: "maximum number of connections from one IP address; 0 is no limit",
  },
  "max-rooms": {
    type: "single",
    kind: values.count({ min: 1, max: 100_000 }),
    default: "100",
    help: "maximum number of rooms that a connection can be in",
  },
  "max-message": {
    type: "single",
    kind: values.size({ min: 64, max: 16 * MIB }),
    default: "16KiB",
    help: "maximum length of a message's text, in bytes of UTF-8",
  },
  "max-queue": {
    type: "single",
    kind: values.size({ min: KIB, max: GIB }),
    default: "1MiB",
    help: "maximum size of a connection's send queue; a client that falls further behind is " +
      "disconnected and can resume. At least 8 times --max-message",
  },
  "byte-rate": {
    type: "optional",
    kind: values.sizeLimit({ min: KIB, max: GIB }),
    absent: "2 times --rate times --max-message",
    help: "bytes of text a second that a connection may send on average; 4 times as many at once",
  },
  "rate-per-user": {
    type: "optional",
    kind: values.limit(10_000_000),
    absent: "2 times --rate",
    help:
      "requests a second of all connections of one user; bytes in the same proportion to --byte-rate",
  },
  "rate-per-address": {
    type: "optional",
    kind: values.limit(10_000_000),
    absent: "20 times --rate",
    help:
      "requests a second from one address, over WebSockets and HTTP; bytes in the same proportion to " +
      "--byte-rate",
  },
  "connect-rate": {
    type: "optional",
    kind: values.limit(1_000_000),
    absent: "10",
    help: "new connections a second from one address; 20 times as many at once",
  },
  "sign-in-rate": {
    type: "optional",
    kind: values.limit(1_000_000),
    absent: "60",
    help: "logins and sign-ins a minute from one address; 4 times as many at once",
  },
  "search-rate": {
    type: "optional",
    kind: values.limit(1_000_000),
    absent: "5",
    help:
      "searches a second of one user; twice as many at once, and 10 times as many from one address",
  },
  "max-unauthenticated": {
    type: "optional",
    kind: values.limit(10_000_000),
    absent: "half of --max-connections",
    help: "maximum number of connections that have not logged in; 0 is no limit",
  },
  "max-memory": {
    type: "optional",
    kind: values.sizeLimit({ min: 128 * MIB, max: 1024 * TIB }),
    absent: "half of the machine's or container's memory; with --transport deno at most 2GiB",
    help:
      "memory of the process above which it accepts nobody new and closes connections that have not " +
      "logged in; 0 is no limit",
  },
  "rooms-per-guest": {
    type: "single",
    kind: values.limit(1_000_000),
    default: "200",
    help: "maximum number of rooms that a guest has made; 0 is no limit",
  },
  "rooms-per-address": {
    type: "single",
    kind: values.limit(1_000_000),
    default: "1000",
    help: "maximum number of rooms that were made from one address; 0 is no limit",
  },
  "retain-empty-rooms": {
    type: "single",
    kind: values.duration({ min: SECOND, max: 365 * DAY, zero: "forever" }),
    default: "1d",
    help: "how long a room is kept in which nothing was said, nobody is, and only guests have been",
  },
} as const satisfies Flags;

/** Those about uploads. */
export const UPLOAD_LIMIT_FLAGS = {
  "storage-per-user": {
    type: "optional",
    kind: values.sizeLimit({ min: MIB, max: 1024 * TIB }),
    absent: "a tenth of --max-storage",
    help: "maximum total size of one user's uploads; 0 is no limit",
  },
  "storage-per-address": {
    type: "optional",
    kind: values.sizeLimit({ min: MIB, max: 1024 * TIB }),
    absent: "a fifth of --max-storage",
    help:
      "maximum total size of the uploads from one address, of guests and, with --register open, of " +
      "members; 0 is no limit",
  },
  "max-unannounced": {
    type: "optional",
    kind: values.sizeLimit({ min: MIB, max: 1024 * TIB }),
    absent: "a tenth of --max-storage",
    help: "maximum total size of uploads that are in no message yet; 0 is no limit",
  },
  "retain-unannounced": {
    type: "single",
    kind: values.duration({ min: SECOND, max: 30 * DAY }),
    default: "1h",
    help: "how long an upload is kept that is in no message",
  },
} as const satisfies Flags;
