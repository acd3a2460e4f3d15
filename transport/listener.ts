/**
 * What listens: the contract of both transports. Types and promises only.
 *
 * @module
 */
import type { Address } from "../config/address.ts";
import type { RequestHandler } from "./socket.ts";

/** What a transport needs to know. */
export interface ListenOptions {
  readonly addr: Address;
  /** Between two pings, in milliseconds; a peer that answers neither is cut. 0: no pings. */
  readonly pingInterval: number;
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
}

/**
 * Listens, and goes on listening should the process run out of file descriptors for a while.
 *
 * @throws {StartError} if the address cannot be listened on
 */
export type Listen = (options: ListenOptions, handler: RequestHandler) => Promise<Listener>;
