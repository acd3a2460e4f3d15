/**
 * The configuration of `hubbub serve`: the values of {@linkcode SERVE_FLAGS}, checked, by their names
 * in camel case. Everything below the command line takes its settings from here and does not check
 * them again.
 *
 * - Durations are in milliseconds, sizes in bytes.
 * - A duration of 0 is off. A maximum of `Infinity` is no limit.
 *
 * A new flag is one entry in `serve_flags.ts`. It needs code here only if its value has to be
 * converted or depends on another one.
 *
 * @module
 */
import { UsageError } from "./errors.ts";
import { settingName, type Values } from "./flags.ts";
import { type PeopleConfig, peopleConfig } from "./people.ts";
import { PEOPLE_FLAGS } from "./people_flags.ts";
import type { Warn } from "./secret_file.ts";
import type { Address } from "./address.ts";
import { LIMIT_NAMES, type LimitsConfig, limitsConfig } from "./limits.ts";
import type { SERVE_FLAGS } from "./serve_flags.ts";
import { formatSize } from "./units.ts";
import { Networks } from "../network/cidr.ts";
import { quote } from "../text/wording.ts";
import type { ApiToken } from "./values.ts";

export { Secret } from "./secret.ts";
export type { Address } from "./address.ts";
export type { JwtConfig, OidcConfig, PeopleConfig } from "./people.ts";
export type { ApiToken, DataLocation } from "./values.ts";

type ServeValues = Values<typeof SERVE_FLAGS>;

/** Which messages are deleted. An absent property sets no limit. */
export interface Retention {
  /** Maximum age of a message, in milliseconds. */
  maxAge?: number;
  /** Maximum number of messages in a room; the oldest are deleted first. */
  maxMessages?: number;
}

/** The origins whose pages may connect from a browser, besides the server's own. */
export type AllowedOrigins =
  | { readonly kind: "any" }
  | { readonly kind: "listed"; readonly origins: ReadonlySet<string> };

/** From where forwarded addresses are believed. */
export interface TrustedProxies {
  readonly networks: Networks;
  /** Whether whoever connects to the Unix socket is a proxy. */
  readonly unix: boolean;
}

/** The files of a certificate, both PEM. */
export interface TlsFiles {
  /** Path of the certificate chain. */
  readonly cert: string;
  /** Path of the private key. */
  readonly key: string;
}

/** What a commit survives: a power cut (`full`), a crash of the process (`normal`), neither (`off`). */
export type Sync = ServeValues["sync"];

/** The WebSocket server that carries the connections. */
export type Transport = ServeValues["transport"];

/** The least severe level that is logged. */
export type LogLevel = ServeValues["logLevel"];

/** The format of log records. `auto` is `pretty` on a terminal and `json` elsewhere. */
export type LogFormat = ServeValues["logFormat"];

/** What is logged, and in which format. */
export interface LogConfig {
  readonly level: LogLevel;
  readonly format: LogFormat;
}

/** The flags of this module whose values are converted; so are all of {@linkcode PEOPLE_FLAGS}. */
const CONVERTED = [
  "retain",
  "retainMessages",
  "retainFiles",
  "allowOrigin",
  "trustProxy",
  "cert",
  "key",
  "maxFile",
  "metricsAddr",
  "logLevel",
  "logFormat",
] as const;

type Converted = typeof CONVERTED[number] | keyof Values<typeof PEOPLE_FLAGS> | keyof LimitsConfig;

/** All settings of `hubbub serve`. */
export interface ServeConfig extends Omit<ServeValues, Converted>, PeopleConfig, LimitsConfig {
  /** Which messages are deleted. */
  readonly retention: Readonly<Retention>;
  /** Age at which uploads are deleted, in milliseconds. 0: never. */
  readonly retainFiles: number;
  readonly allowOrigins: AllowedOrigins;
  readonly trustProxies: TrustedProxies;
  /** Maximum size of an upload, in bytes; 0: there are no files. */
  readonly maxFile: number;
  /** Absent: metrics are served on `addr`. */
  readonly metricsAddr?: Address;
  /** Absent: plain HTTP. */
  readonly tls?: TlsFiles;
  readonly apiTokens: readonly ApiToken[];
  readonly log: LogConfig;
}

/**
 * Maximum ratio of a message's size on the wire to that of its text: a byte written as `\u0001` in
 * JSON takes six, and the rest leaves room for the other fields. A send queue must hold one message.
 */
const WIRE_FACTOR = 8;

/**
 * Turns the values of the flags into the configuration, reads the files with secrets, and checks the values
 * that depend on each other.
 *
 * @param warn takes what is allowed and yet probably a mistake, one line each
 * @throws {UsageError} if they contradict each other, or a file cannot be used
 */
export function serveConfig(flags: ServeValues, warn: Warn = () => {}): ServeConfig {
  checkQueue(flags.maxQueue, flags.maxMessage);
  checkTokens(flags.apiToken);
  const { trustProxy, cert, key, metricsAddr } = flags;
  checkPublicUrl(flags);
  if (flags.deflate && flags.transport !== "node") {
    throw new UsageError("Cannot use --deflate with --transport deno: add --transport node");
  }
  if ((cert === undefined) !== (key === undefined)) {
    const [given, missing] = cert === undefined ? ["--key", "--cert"] : ["--cert", "--key"];
    throw new UsageError(`Cannot use ${given} alone: TLS needs both; add ${missing}`);
  }
  return {
    ...unconverted(flags),
    ...peopleConfig(flags, warn),
    ...limitsConfig(flags),
    trustProxies: {
      networks: new Networks(trustProxy.filter((proxy) => proxy !== "unix")),
      unix: trustProxy.includes("unix"),
    },
    ...(cert !== undefined && key !== undefined && { tls: { cert, key } }),
    ...(metricsAddr !== undefined && { metricsAddr }),
    maxFile: flags.noFiles ? 0 : flags.maxFile,
    retention: retention(flags.retain, flags.retainMessages),
    retainFiles: flags.retainFiles ?? 0,
    allowOrigins: allowedOrigins(flags.allowOrigin),
    apiTokens: flags.apiToken,
    log: { level: flags.logLevel, format: flags.logFormat },
  };
}

/** The values of the flags that are settings as they are. */
function unconverted(flags: ServeValues): Omit<ServeValues, Converted> {
  const names = new Set<string>([
    ...CONVERTED,
    ...LIMIT_NAMES,
    ...Object.keys(PEOPLE_FLAGS).map(settingName),
  ]);
  const entries = Object.entries(flags).filter(([name]) => !names.has(name));
  // What is left out is what the type leaves out.
  return Object.fromEntries(entries) as Omit<ServeValues, Converted>;
}

function checkQueue(maxQueue: number, maxMessage: number): void {
  const least = WIRE_FACTOR * maxMessage;
  if (maxQueue >= least) return;
  throw new UsageError(
    `Cannot use --max-queue ${formatSize(maxQueue)}: must be at least ${WIRE_FACTOR} times ` +
      `--max-message, which is ${formatSize(maxMessage)}; set it to ${formatSize(least)} or more`,
  );
}

/** A proxy may remove what the path begins with, never what it ends with. */
function checkPublicUrl({ publicUrl, basePath }: ServeValues): void {
  if (publicUrl === undefined || new URL(publicUrl).pathname.endsWith(`${basePath}/`)) return;
  throw new UsageError(
    `Cannot use --public-url ${quote(publicUrl)} with --base-path ${basePath}: must end in ` +
      `${basePath}/; leave --base-path out if the proxy removes the path`,
  );
}

function checkTokens(tokens: readonly ApiToken[]): void {
  const names = new Map<string, string>();
  for (const { name, secret } of tokens) {
    const other = names.get(secret.reveal());
    if (other !== undefined) {
      throw new UsageError(
        `Cannot use --api-token of ${quote(name)}: must have a secret of its own, received that ` +
          `of ${quote(other)}; make another with openssl rand -hex 32`,
      );
    }
    names.set(secret.reveal(), name);
  }
}

/** Unset flags, and 0 for "forever" or "no limit", set no limit. */
function retention(maxAge: number | undefined, maxMessages: number | undefined): Retention {
  const policy: Retention = {};
  if (maxAge !== undefined && maxAge > 0) policy.maxAge = maxAge;
  if (maxMessages !== undefined && maxMessages < Infinity) policy.maxMessages = maxMessages;
  return policy;
}

function allowedOrigins(origins: readonly string[]): AllowedOrigins {
  return origins.includes("*") ? { kind: "any" } : { kind: "listed", origins: new Set(origins) };
}
