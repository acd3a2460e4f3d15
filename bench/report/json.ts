/**
 * Formats a comparison as JSON, with all measurements.
 *
 * @module
 */
import { type Case, describe, PAYLOAD } from "../cases.ts";
import type { Timing } from "../run/run.ts";
import type { Machine } from "./machine.ts";
import {
  type CaseSummary,
  efficiencyRatio,
  latencyRatio,
  rateRatio,
  type Standing,
} from "./summary.ts";

/** A whole comparison. */
export interface Comparison {
  readonly made: Date;
  readonly machine: Machine;
  readonly rounds: number;
  readonly timing: Timing;
  readonly absent: readonly { readonly id: string; readonly reason: string }[];
  readonly cases: readonly CaseSummary[];
}

/** The comparison as a JSON object: rates are per second, latencies in microseconds. */
export function jsonComparison(comparison: Comparison): Record<string, unknown> {
  const { made, machine, rounds, timing, absent, cases } = comparison;
  return {
    made: made.toISOString(),
    machine,
    rounds,
    warmup_seconds: timing.warmup,
    seconds: timing.seconds,
    payload_bytes: PAYLOAD,
    absent,
    cases: cases.map(({ case: case_, standings }) => ({
      ...jsonCase(case_),
      results: standings.map((standing) => jsonStanding(standing, standings)),
    })),
  };
}

function jsonCase(case_: Case): Record<string, unknown> {
  const { id, clients, rooms, model } = case_;
  return {
    id,
    description: describe(case_),
    clients,
    rooms,
    ...(model.kind === "closed" ? { window: model.window } : { rate: model.rate }),
  };
}

function jsonStanding(standing: Standing, all: readonly Standing[]): Record<string, unknown> {
  const { contestant: { id, name, version }, median, perServerSecond, limit, rounds } = standing;
  return {
    id,
    name,
    version,
    limit,
    median,
    deliveries_per_server_cpu_second: perServerSecond,
    ratios: Object.fromEntries(
      all.filter((other) => other !== standing).map((other) => [other.contestant.id, {
        deliveries: rateRatio(standing, other),
        deliveries_per_server_cpu_second: efficiencyRatio(standing, other),
        p99: latencyRatio(standing, other),
      }]),
    ),
    rounds,
  };
}
