/**
 * The server's settings, checked: what flags and environment come to. Everybody below the command
 * line takes its values from here and checks nothing again.
 *
 * Units are milliseconds and bytes. A duration of 0 is off; a maximum of `Infinity` is no limit.
 *
 * @module
 */
import type { Address } from "./address.ts";
import { UsageError } from "./errors.ts";
import type { Values } from "./flags.ts";
import type { SERVE_FLAGS } from "./serve_flags.ts";
import { formatSize } from "./units.ts";
import { quote } from "../text/wording.ts";
import type { ApiToken, DataLocation } from "./values.ts";

/** Which messages are removed. An absent member sets no limit. */
export interface Retention {
  /** Messages older than this are removed, in milliseconds. */
  maxAge?: number;
  /** Only this many newest messages of each room are kept. */
  maxMessages?: number;
}

export { Secret } from "./secret.ts";
export type { Address } from "./address.ts";
export type { ApiToken, DataLocation } from "./values.ts";

/** Which pages of other hosts a browser may connect from; the page's own host always may. */
export type AllowedOrigins =
  | { readonly kind: "any" }
  | { readonly kind: "listed"; readonly origins: ReadonlySet<string> };

/** How much a commit survives: a power cut, a crash of the process, or neither. */
export type Sync = "full" | "normal" | "off";

/** Which WebSocket server carries the connections. */
export type Transport = "deno" | "node";

/** The least severe level that is logged. */
export type LogLevel = "debug" | "info" | "warn" | "error";

/** How log records are written; `auto`: `pretty` on a terminal, `json` elsewhere. */
export type LogFormat = "auto" | "pretty" | "json";

/** What is logged, and how. */
export interface LogConfig {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** All settings of `hubbub serve`. */
export interface ServeConfig {
  readonly addr: Address;
  readonly data: DataLocation;
  readonly sync: Sync;
  /** Which messages are removed; empty: none. */
  readonly retention: Readonly<Retention>;
  /** Between two pings, in milliseconds; a peer silent for two of them is cut. 0: no pings. */
  readonly pingInterval: number;
  /** A member silent for this long is logged out, in milliseconds. 0: never. */
  readonly idleKick: number;
  /** A connection must have logged in after this, in milliseconds. 0: it need not. */
  readonly loginTimeout: number;
  readonly allowOrigins: AllowedOrigins;
  /** Messages a second a connection may send in the long run. 0: no limit, as in the handshake. */
  readonly rate: number;
  /** Messages a connection may send at once before `rate` binds; at least 1. */
  readonly burst: number;
  readonly maxConnections: number;
  readonly maxConnectionsPerAddress: number;
  /** Rooms that one connection may be in. */
  readonly maxRooms: number;
  /** Longest text of a message, in bytes of UTF-8. */
  readonly maxMessage: number;
  /** What may wait to go out to one connection, in bytes. */
  readonly maxQueue: number;
  /** Largest upload, in bytes. 0: no uploads. */
  readonly maxFile: number;
  /** Uploads older than this are removed, in milliseconds. 0: never. */
  readonly retainFiles: number;
  /** All uploads together, in bytes. */
  readonly maxStorage: number;
  readonly apiTokens: readonly ApiToken[];
  readonly transport: Transport;
  readonly log: LogConfig;
}

/**
 * How much longer than its text a message may become on the wire: each byte as a `\\u0001` of JSON
 * makes six, and what stands around it has room in the rest. A queue must hold one such message.
 */
const WIRE_FACTOR = 8;

/**
 * Puts the values of the flags together and checks what concerns several of them.
 *
 * @throws {UsageError} if they contradict each other
 */
export function serveConfig(flags: Values<typeof SERVE_FLAGS>): ServeConfig {
  checkQueue(flags["max-queue"], flags["max-message"]);
  checkTokens(flags["api-token"]);
  return {
    addr: flags.addr,
    data: flags.data,
    sync: flags.sync,
    retention: retention(flags.retain, flags["retain-messages"]),
    pingInterval: flags["ping-interval"],
    idleKick: flags["idle-kick"],
    loginTimeout: flags["login-timeout"],
    allowOrigins: allowedOrigins(flags["allow-origin"]),
    rate: flags.rate,
    burst: flags.burst,
    maxConnections: flags["max-connections"],
    maxConnectionsPerAddress: flags["max-connections-per-address"],
    maxRooms: flags["max-rooms"],
    maxMessage: flags["max-message"],
    maxQueue: flags["max-queue"],
    maxFile: flags["max-file"],
    retainFiles: flags["retain-files"] ?? 0,
    maxStorage: flags["max-storage"],
    apiTokens: flags["api-token"],
    transport: flags.transport,
    log: { level: flags["log-level"], format: flags["log-format"] },
  };
}

function checkQueue(maxQueue: number, maxMessage: number): void {
  const least = WIRE_FACTOR * maxMessage;
  if (maxQueue >= least) return;
  throw new UsageError(
    `Cannot use --max-queue ${formatSize(maxQueue)}: must be at least ${WIRE_FACTOR} times ` +
      `--max-message, which is ${formatSize(maxMessage)}; set it to ${formatSize(least)} or more`,
  );
}

function checkTokens(tokens: readonly ApiToken[]): void {
  const names = new Map<string, string>();
  for (const { name, secret } of tokens) {
    const other = names.get(secret.reveal());
    if (other !== undefined) {
      throw new UsageError(
        `Cannot use --api-token of ${
          quote(name)
        }: must have a secret of its own, received that of ` +
          `${quote(other)}; make another with openssl rand -hex 32`,
      );
    }
    names.set(secret.reveal(), name);
  }
}

/** Nothing set, or "for ever" and "no limit": an empty policy. */
function retention(maxAge: number | undefined, maxMessages: number | undefined): Retention {
  const policy: Retention = {};
  if (maxAge !== undefined && maxAge > 0) policy.maxAge = maxAge;
  if (maxMessages !== undefined && maxMessages < Infinity) policy.maxMessages = maxMessages;
  return policy;
}

function allowedOrigins(origins: readonly string[]): AllowedOrigins {
  return origins.includes("*") ? { kind: "any" } : { kind: "listed", origins: new Set(origins) };
}
