/**
 * What a transport is told in tests: nothing is limited unless a test says so.
 *
 * @module
 */
import { NO_REFUSALS } from "../../log/refusals.ts";
import { NO_METRICS } from "../../metrics/metrics.ts";
import type { ListenOptions } from "../../transport/listener.ts";

/** A free port of the loopback interface. */
export const LOOPBACK = { kind: "host", hostname: "127.0.0.1", port: 0 } as const;

/** The options of `listen()`. */
export function listenOptions(options: Partial<ListenOptions> = {}): ListenOptions {
  return {
    addr: LOOPBACK,
    pingInterval: 0,
    deflate: false,
    maxConnectionsPerAddress: Infinity,
    maxAcceptRate: Infinity,
    maxHeldBytes: Infinity,
    refusals: NO_REFUSALS,
    metrics: NO_METRICS,
    ...options,
  };
}
