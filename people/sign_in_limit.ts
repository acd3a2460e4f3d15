/**
 * How many logins and sign-ins one address may begin, over WebSockets and HTTP together, and how many of
 * those whom it brings are remembered: each of them keeps a name.
 *
 * @module
 */
import { KeyedBuckets } from "../limits/keyed_buckets.ts";
import { networkOf } from "../network/network.ts";
import { Refused } from "../protocol.ts";

/** Sign-ins that may be begun at once, as a multiple of those a minute. */
const BURST_MINUTES = 4;

/** Guests of one address that are remembered at once, and a day. */
const MAX_REMEMBERED = 100;

const MINUTE_S = 60;
const DAY_S = 24 * 60 * MINUTE_S;

/** A sign-in that was refused because its address has begun too many. */
export class TooManySignIns extends Refused {
  constructor(message: string, retryMs: number) {
    super("rate_limited", message, retryMs);
  }
}

/** Counts by address; see `networkOf`. An empty one (a Unix socket) has no limits. */
export interface SignInLimit {
  /**
   * Counts a login or a sign-in that begins.
   *
   * @throws {TooManySignIns} `rate_limited`
   */
  take(ip: string): void;
  /**
   * Counts somebody who is going to be remembered and was not, beside {@linkcode SignInLimit.take}. Those whom
   * an invitation or an issuer of identities lets in are not counted: these are bounded elsewhere.
   *
   * @throws {TooManySignIns} `rate_limited`
   */
  remember(ip: string): void;
}

/** For whoever does not want limits. */
export const NO_SIGN_IN_LIMIT: SignInLimit = {
  take() {},
  remember() {},
};

/**
 * Makes the limit.
 *
 * @param options.signInRate sign-ins a minute; `Infinity`: no limits at all
 * @param options.now milliseconds of any clock that does not step
 */
export function createSignInLimit(
  { signInRate, now }: { readonly signInRate: number; readonly now?: () => number },
): SignInLimit {
  if (signInRate === Infinity) return NO_SIGN_IN_LIMIT;
  const clock = now !== undefined && { now };
  const burst = BURST_MINUTES * signInRate;
  const started = new KeyedBuckets({ rate: signInRate / MINUTE_S, burst, ...clock });
  const remembered = new KeyedBuckets({
    rate: MAX_REMEMBERED / DAY_S,
    burst: MAX_REMEMBERED,
    ...clock,
  });
  return {
    take(ip) {
      const allowed = `at most ${signInRate} sign-ins a minute from one address, ${burst} at once`;
      refuseEarly(started.take(networkOf(ip)), `Cannot sign in: ${allowed}`);
    },
    remember(ip) {
      const allowed = `at most ${MAX_REMEMBERED} guests of one address are remembered a day`;
      refuseEarly(remembered.take(networkOf(ip)), `Cannot remember guest: ${allowed}`);
    },
  };
}

/** @param wait milliseconds */
function refuseEarly(wait: number, problem: string): void {
  if (wait > 0) throw new TooManySignIns(problem, wait);
}
