/**
 * Summarises several rounds: medians, ratios, and the bottleneck.
 *
 * @module
 */
import type { Case } from "../cases.ts";
import type { Measurement } from "../load/measurement.ts";
import type { Contestant } from "../run/contestants.ts";
import type { Outcome } from "../run/run.ts";

/** Processor share from which on a process counts as busy. */
const BUSY = 0.9;

/** The bottleneck. */
export type Limit =
  /** The server's processor was busy. */
  | "server"
  /** The load generator's processor was busy: the server can do more. */
  | "generator"
  | "both"
  /** Neither was: the disk, a fixed rate, or other work of the machine. */
  | "neither"
  /** The system does not report processor time. */
  | "unknown";

/** The result of a contestant in a case. */
export interface Standing {
  readonly contestant: Contestant;
  /** The median of each figure over the successful rounds; `null` if there is none. */
  readonly median: Measurement | null;
  /** Deliveries per second of the server's processor time; `null` if unknown. */
  readonly perServerSecond: number | null;
  readonly limit: Limit;
  readonly rounds: readonly Outcome[];
}

/** All contestants in one case. */
export interface CaseSummary {
  readonly case: Case;
  readonly standings: readonly Standing[];
}

/** Summarises the rounds of a contestant. */
export function summarize(contestant: Contestant, rounds: readonly Outcome[]): Standing {
  const measured = rounds.flatMap((outcome) => "failure" in outcome ? [] : [outcome]);
  const median = measured.length === 0 ? null : medianOf(measured);
  const efficiencies = measured.map(perServerSecond).filter((value) => value !== null);
  return {
    contestant,
    median,
    perServerSecond: efficiencies.length === 0 ? null : medianNumber(efficiencies),
    limit: median === null ? "unknown" : judgeLimit(median),
    rounds,
  };
}

/** Ratio of the deliveries per second; `null` if either is unknown. */
export function rateRatio(one: Standing, other: Standing): number | null {
  return divide(one.median?.deliveries ?? null, other.median?.deliveries ?? null);
}

/** Ratio of the deliveries per second of the server's processor time; `null` if either is unknown. */
export function efficiencyRatio(one: Standing, other: Standing): number | null {
  return divide(one.perServerSecond, other.perServerSecond);
}

/** Ratio of the 99th percentiles of latency; `null` if either is unknown. */
export function latencyRatio(one: Standing, other: Standing): number | null {
  return divide(one.median?.p99 ?? null, other.median?.p99 ?? null);
}

/** Finds the bottleneck. */
export function judgeLimit({ serverCpu, generatorCpu }: Measurement): Limit {
  if (serverCpu === null) return generatorCpu >= BUSY ? "generator" : "unknown";
  if (serverCpu >= BUSY) return generatorCpu >= BUSY ? "both" : "server";
  return generatorCpu >= BUSY ? "generator" : "neither";
}

/** The median of some numbers; of an even count, the mean of the middle two. */
export function medianNumber(values: readonly number[]): number {
  const sorted = [...values].sort((a, b) => a - b);
  const middle = sorted.length / 2;
  const low = sorted[Math.ceil(middle) - 1];
  const high = sorted[Math.floor(middle)];
  if (low === undefined || high === undefined) {
    throw new Error("Cannot find median: there are no values");
  }
  return (low + high) / 2;
}

function perServerSecond({ deliveries, serverCpu }: Measurement): number | null {
  return divide(deliveries, serverCpu);
}

function divide(one: number | null, other: number | null): number | null {
  return one === null || other === null || other === 0 ? null : one / other;
}

function medianOf(measured: readonly Measurement[]): Measurement {
  const of = (name: keyof Measurement) => {
    const values = measured.map((one) => one[name]).filter((value) => value !== null);
    return values.length === 0 ? null : medianNumber(values);
  };
  const known = (name: keyof Measurement) => of(name) ?? 0;
  return {
    seconds: known("seconds"),
    messages: known("messages"),
    deliveries: known("deliveries"),
    frames: known("frames"),
    bytes: known("bytes"),
    p50: known("p50"),
    p99: known("p99"),
    p999: known("p999"),
    max: known("max"),
    generatorCpu: known("generatorCpu"),
    serverCpu: of("serverCpu"),
    // Not the median: no delivery may be missing in any round.
    undelivered: measured.some(({ undelivered }) => undelivered === null)
      ? null
      : Math.max(...measured.map(({ undelivered }) => undelivered ?? 0)),
  };
}
