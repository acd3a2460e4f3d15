/**
 * Slows down whoever guesses passwords.
 *
 * Failures are counted three ways, and the longest delay that follows from them applies:
 *
 * | counted for            | free | longest delay | against                                        |
 * | ---------------------- | ---- | ------------- | ---------------------------------------------- |
 * | a name from an address | 5    | 15 minutes    | guessing one user's password                   |
 * | an address             | 20   | 15 minutes    | trying one password with many names            |
 * | a name                 | 20   | 30 seconds    | guessing one user's password from many places  |
 *
 * The last one stays short, and does not apply to an address from which the right password came before, so
 * that nobody can lock a user out for good. An IPv6 client counts by its network: see {@linkcode networkOf}.
 * Clients of a Unix socket have no address: only the name counts.
 *
 * @module
 */
import { steadyNow } from "../clock/steady.ts";
import { foldName } from "../protocol.ts";
import { TooManySignIns } from "./sign_in_limit.ts";
import { networkOf } from "../network/network.ts";

/** The first delay, in milliseconds; each failure doubles it. */
const FIRST_DELAY_MS = 1000;

/** Failures are forgotten after so long without another one, in milliseconds. */
const FORGET_MS = 60 * 60 * 1000;

/** Maximum number of keys that each counter remembers; the one that failed longest ago is forgotten. */
const MAX_KEYS = 10_000;

/** Counts failed attempts and delays the next ones. */
export class Attempts {
  readonly #now: () => number;
  readonly #byPair: Failures;
  readonly #byAddress: Failures;
  readonly #byName: Failures;
  /** Names with addresses from which the right password came. */
  readonly #known = new Set<string>();

  /** @param now milliseconds of any clock */
  constructor({ now = steadyNow }: { readonly now?: () => number } = {}) {
    this.#now = now;
    this.#byPair = new Failures({ free: 5, maxMs: 15 * 60 * 1000 });
    this.#byAddress = new Failures({ free: 20, maxMs: 15 * 60 * 1000 });
    this.#byName = new Failures({ free: 20, maxMs: 30 * 1000 });
  }

  /**
   * Lets an attempt be made, unless it has to wait. It counts as failed from its beginning, so that many at
   * once gain nothing; when it succeeds, or rejects, that is undone.
   *
   * @param who the name tried, if it is one user's password, and the address
   * @param attempt resolves with whether the password was right; `undefined` if there was none to compare
   * @throws {Refused} `rate_limited` before the attempt; whatever the attempt throws
   */
  async run(
    { name, ip }: { readonly name?: string; readonly ip: string },
    attempt: () => Promise<boolean | undefined>,
  ): Promise<void> {
    const counted = this.#counted(name === undefined ? undefined : foldName(name), networkOf(ip));
    this.#refuseTooEarly(counted);
    for (const [failures, key] of counted) failures.add(key, this.#now());
    let right: boolean | undefined;
    try {
      right = await attempt();
    } finally {
      if (right !== false) { for (const [failures, key] of counted) failures.undo(key); }
      if (right) this.#succeeded(counted);
    }
  }

  #counted(name: string | undefined, network: string): Counted[] {
    const counted: Counted[] = [];
    const pair = `${network} ${name ?? ""}`;
    if (network !== "") counted.push([this.#byPair, pair], [this.#byAddress, network]);
    if (name !== undefined && !this.#known.has(pair)) counted.push([this.#byName, name]);
    return counted;
  }

  #refuseTooEarly(counted: readonly Counted[]): void {
    const now = this.#now();
    const wait = Math.max(0, ...counted.map(([failures, key]) => failures.wait(key, now)));
    if (wait === 0) return;
    const problem = `too many failed attempts; try again in ${Math.ceil(wait / 1000)} s`;
    throw new TooManySignIns(`Cannot check password: ${problem}`, wait);
  }

  /** The right password clears what was counted for the name; others may still guess from the address. */
  #succeeded(counted: readonly Counted[]): void {
    for (const [failures, key] of counted) {
      if (failures === this.#byAddress) continue;
      failures.clear(key);
      if (failures === this.#byPair) remember(this.#known, key);
    }
  }
}

/** A counter with the key under which it counts. */
type Counted = readonly [Failures, string];

interface Count {
  failures: number;
  last: number;
  /** When the next attempt may be made. */
  until: number;
}

/** Counts failures by key. Those counted last are at the end of the map. */
class Failures {
  readonly #counts = new Map<string, Count>();
  readonly #free: number;
  readonly #maxMs: number;

  constructor({ free, maxMs }: { readonly free: number; readonly maxMs: number }) {
    this.#free = free;
    this.#maxMs = maxMs;
  }

  wait(key: string, now: number): number {
    const count = this.#counts.get(key);
    return count === undefined ? 0 : Math.max(0, count.until - now);
  }

  add(key: string, now: number): void {
    const before = this.#counts.get(key);
    this.#counts.delete(key);
    const isForgotten = before === undefined || now - before.last > FORGET_MS;
    const failures = isForgotten ? 1 : before.failures + 1;
    const delay = failures < this.#free ? 0 : FIRST_DELAY_MS * 2 ** (failures - this.#free);
    this.#counts.set(key, { failures, last: now, until: now + Math.min(delay, this.#maxMs) });
    if (this.#counts.size > MAX_KEYS) this.#counts.delete(firstOf(this.#counts.keys()));
  }

  /** Takes one failure back, with the delay that it brought. */
  undo(key: string): void {
    const count = this.#counts.get(key);
    if (count === undefined) return;
    count.failures--;
    count.until = count.last;
    if (count.failures === 0) this.#counts.delete(key);
  }

  clear(key: string): void {
    this.#counts.delete(key);
  }
}

function remember(keys: Set<string>, key: string): void {
  keys.delete(key);
  keys.add(key);
  if (keys.size > MAX_KEYS) keys.delete(firstOf(keys));
}

function firstOf(keys: Iterable<string>): string {
  for (const key of keys) return key;
  throw new TypeError("Cannot take the first of nothing");
}
