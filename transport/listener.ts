/**
 * What listens: the contract of both transports. Types and promises only.
 *
 * @module
 */
import type { Address } from "../config/address.ts";
import type { TlsFiles, TrustedProxies } from "../config/config.ts";
import type { Refusals } from "../log/refusals.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { RequestHandler } from "./socket.ts";

/** What a transport needs to know. */
export interface ListenOptions {
  readonly addr: Address;
  /** Between two pings, in milliseconds; a peer that answers neither is cut. 0: no pings. */
  readonly pingInterval: number;
  /** Absent: plain HTTP. */
  readonly tls?: TlsFiles;
  /** Whether WebSocket messages are compressed for clients that offer it (RFC 7692). Node only. */
  readonly deflate: boolean;
  /** Maximum TCP connections from one address that are no WebSockets, silent ones included; `Infinity`: no limit. */
  readonly maxConnectionsPerAddress: number;
  /** Maximum TCP connections a second from one address, and twice as many at once; `Infinity`: no limit. */
  readonly maxAcceptRate: number;
  /** Behind the address of a trusted proxy are many clients: no limit by address applies to it. */
  readonly trustProxies?: TrustedProxies;
  /** Bytes of memory that unfinished messages of all clients together may hold; `Infinity`: no limit. */
  readonly maxHeldBytes: number;
  /** Is told of connections that are cut before a request of theirs reaches the handler. */
  readonly refusals: Refusals;
  readonly metrics: Metrics;
}

/** An address that is listened on. */
export interface Listener {
  /** Where a browser finds it, or `unix:PATH`. */
  readonly url: string;
  /**
   * Stops listening and waits for the connections to end, but no longer than told.
   *
   * @param deadline milliseconds
   */
  close(deadline: number): Promise<void>;
  /**
   * Reads certificate and key again, for connections that are opened from now on; those that are open stay.
   * No effect without TLS.
   *
   * @throws {StartError} if they cannot be used: the old ones stay in use
   */
  reloadTls(): Promise<void>;
}

/**
 * Listens, and goes on listening should the process run out of file descriptors for a while.
 *
 * @throws {StartError} if the address cannot be listened on
 */
export type Listen = (options: ListenOptions, handler: RequestHandler) => Promise<Listener>;
