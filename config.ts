/**
 * The server's settings, checked: what flags and environment come to. Everybody below the command
 * line takes its values from here and checks nothing again.
 *
 * Units are milliseconds and bytes. A duration of 0 is off; a maximum of `Infinity` is no limit.
 *
 * @module
 */
import type { Address } from "./cli/address.ts";
import type { Retention } from "./store/store.ts";

/** Where messages are kept. `memory` forgets them at the end of the process. */
export type DataLocation =
  | { readonly kind: "memory" }
  | { readonly kind: "directory"; readonly path: string };

/** Which pages of other hosts a browser may connect from; the page's own host always may. */
export type AllowedOrigins =
  | { readonly kind: "any" }
  | { readonly kind: "listed"; readonly origins: ReadonlySet<string> };

/** Who may speak through the HTTP API. */
export interface ApiToken {
  /** The name that messages sent with it carry, in NFC. */
  readonly name: string;
  readonly secret: Secret;
}

/** A text that must not be printed: only {@linkcode Secret.reveal} gives it away. */
export class Secret {
  readonly #text: string;

  constructor(text: string) {
    this.#text = text;
  }

  /** The text itself, to compare with. */
  reveal(): string {
    return this.#text;
  }

  toString(): string {
    return "[secret]";
  }

  toJSON(): string {
    return "[secret]";
  }
}

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
