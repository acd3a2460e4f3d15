/**
 * Formats a comparison as text.
 *
 * @module
 */
import { type Case, describe } from "../cases.ts";
import {
  type CaseSummary,
  efficiencyRatio,
  latencyRatio,
  rateRatio,
  type Standing,
} from "./summary.ts";
import { formatCount, formatLimit, formatMicroseconds, formatRatio, formatShare } from "./words.ts";

/** The contestants that ratios refer to, if they take part. */
const REFERENCES = ["bun", "ws"];

/** Stands for a missing figure. */
const NONE = "-";

/** Formats a case as a table, with a line break at the end. */
export function formatCase({ case: case_, standings }: CaseSummary): string {
  const references = standings.filter(({ contestant }) => REFERENCES.includes(contestant.id));
  const columns = case_.model.kind === "closed"
    ? windowColumns(standings, references)
    : rateColumns(standings, references);
  const names = ["", ...standings.map(({ contestant }) => contestant.name)];
  const width = Math.max(...names.map(({ length }) => length));
  const lines = names.map((name, row) => {
    const cells = columns.map((cells) => {
      const room = Math.max(...cells.map(({ length }) => length));
      return (cells[row] ?? "").padStart(room);
    });
    return `  ${[name.padEnd(width), ...cells].join("   ")}`.trimEnd();
  });
  const failures = standings.flatMap(formatFailures);
  return [`${case_.id}: ${title(case_)}`, ...lines, ...failures, ""].join("\n");
}

/** A column: a heading and a cell for each standing. */
function column(
  heading: string,
  standings: readonly Standing[],
  cell: (standing: Standing) => string | null,
): string[] {
  return [heading, ...standings.map((standing) => cell(standing) ?? NONE)];
}

function windowColumns(standings: readonly Standing[], references: readonly Standing[]) {
  const of = (heading: string, cell: (standing: Standing) => string | null) =>
    column(heading, standings, cell);
  return [
    of("deliveries/s", ({ median }) => median && formatCount(median.deliveries)),
    ...references.map((other) =>
      of(`to ${other.contestant.id}`, (one) => format(rateRatio(one, other), formatRatio))
    ),
    of("per server CPU s", ({ perServerSecond }) => format(perServerSecond, formatCount)),
    ...references.map((other) =>
      of(`to ${other.contestant.id}`, (one) => format(efficiencyRatio(one, other), formatRatio))
    ),
    of("per frame", ({ median }) => median && formatCount(median.deliveries / median.frames)),
    of("p50", ({ median }) => median && formatMicroseconds(median.p50)),
    of("bottleneck", ({ median, limit }) => median && formatLimit(limit)),
  ];
}

function rateColumns(standings: readonly Standing[], references: readonly Standing[]) {
  const of = (heading: string, cell: (standing: Standing) => string | null) =>
    column(heading, standings, cell);
  return [
    of("p50", ({ median }) => median && formatMicroseconds(median.p50)),
    of("p99", ({ median }) => median && formatMicroseconds(median.p99)),
    ...references.map((other) =>
      of(`to ${other.contestant.id}`, (one) => format(latencyRatio(one, other), formatRatio))
    ),
    of("p99.9", ({ median }) => median && formatMicroseconds(median.p999)),
    of("deliveries/s", ({ median }) => median && formatCount(median.deliveries)),
    of("undelivered", ({ median }) => median && formatCount(median.undelivered ?? 0)),
    of("server CPU", ({ median }) => format(median?.serverCpu ?? null, formatShare)),
    of("load CPU", ({ median }) => median && formatShare(median.generatorCpu)),
  ];
}

function formatFailures({ contestant, rounds }: Standing): string[] {
  return rounds.flatMap((outcome, index) =>
    "failure" in outcome
      ? [`  ${contestant.name}, round ${index + 1}, failed: ${outcome.failure}`]
      : []
  );
}

function title(case_: Case): string {
  return `${describe(case_)}; ratios by ${
    case_.model.kind === "closed" ? "deliveries" : "p99 latency"
  }`;
}

function format(value: number | null, how: (value: number) => string): string | null {
  return value === null ? null : how(value);
}
