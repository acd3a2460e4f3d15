/**
 * What the connections of a server may send, by what it says of their rate.
 *
 * @module
 */
import { type ConnectionLimits, FRAME_FACTOR } from "../client.ts";
import { type AllowanceLimits, Allowances } from "../limits/allowances.ts";

/**
 * Makes the allowances.
 *
 * @param limits without those by user and address: each connection by itself
 * @param now milliseconds of a steady clock
 */
export function allowancesOf(
  limits: Pick<ConnectionLimits, "maxMessage" | "rate" | "burst"> & Partial<AllowanceLimits>,
  now: () => number,
): Allowances {
  const none = { byteRate: Infinity, ratePerUser: Infinity, ratePerAddress: Infinity };
  return new Allowances({ ...none, ...limits }, {
    maxFrame: limits.maxMessage * FRAME_FACTOR,
    now,
  });
}
