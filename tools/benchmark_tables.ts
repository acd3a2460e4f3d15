/**
 * Writes tables from the result of `deno task bench`, which is kept in `docs/benchmark.json`.
 *
 * @module
 */
import { formatCount, formatMicroseconds, formatRatio } from "../bench/report/words.ts";
import { formatMachine, type Machine } from "../bench/report/machine.ts";

/** What the tables read from `docs/benchmark.json`; the file holds more. */
export interface Benchmark {
  readonly made: string;
  readonly machine: Machine;
  readonly rounds: number;
  readonly warmup_seconds: number;
  readonly seconds: number;
  readonly payload_bytes: number;
  readonly cases: readonly Case[];
}

interface Case {
  readonly id: string;
  readonly description: string;
  /** Messages in flight; present if the case measures throughput. */
  readonly window?: number;
  readonly results: readonly Result[];
}

interface Result {
  readonly id: string;
  readonly version: string;
  readonly limit: string;
  /** Latencies are in microseconds. `null`: the run failed. */
  readonly median:
    | { readonly deliveries: number; readonly p50: number; readonly p99: number }
    | null;
  readonly deliveries_per_server_cpu_second: number | null;
  readonly ratios: Readonly<Record<string, { readonly deliveries: number | null }>>;
}

/** Column headings by contestant. */
const COLUMNS: ReadonlyMap<string, string> = new Map([
  ["hubbub-deno", "Hubbub"],
  ["hubbub-node", "Hubbub, `--transport node`"],
  ["bun", "Bun publish/subscribe"],
  ["ws", "`ws` on Node.js"],
]);

/** The parts that a document can ask for, by name. */
export const BENCHMARK_PARTS: ReadonlyMap<string, (benchmark: Benchmark) => string> = new Map([
  ["throughput", (benchmark) => table(benchmark, true, deliveries)],
  ["efficiency", (benchmark) => table(benchmark, true, efficiency)],
  ["latency", (benchmark) => table(benchmark, false, latency)],
  ["setup", setup],
  ["summary", summary],
]);

function table(
  { cases }: Benchmark,
  throughput: boolean,
  cell: (result: Result) => string,
): string {
  const rows = cases.filter(({ window }) => (window !== undefined) === throughput).map((one) => [
    one.description,
    ...[...COLUMNS.keys()].map((id) => {
      const result = one.results.find((result) => result.id === id);
      return result === undefined ? "" : cell(result);
    }),
  ]);
  const lines = [["", ...COLUMNS.values()], ["---", ...[...COLUMNS].map(() => "---:")], ...rows];
  return lines.map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function deliveries({ median, limit }: Result): string {
  if (median === null) return "";
  return `${limit === "generator" ? "≥ " : ""}${formatCount(median.deliveries)}`;
}

function efficiency({ deliveries_per_server_cpu_second: rate }: Result): string {
  return rate === null ? "" : formatCount(rate);
}

function latency({ median }: Result): string {
  if (median === null) return "";
  return `${formatMicroseconds(median.p50)}, ${formatMicroseconds(median.p99)}`;
}

/** Where, when and with which versions the figures were measured. */
function setup(
  { made, machine, rounds, warmup_seconds, seconds, payload_bytes, cases }: Benchmark,
) {
  const versions = new Map(
    cases.flatMap(({ results }) => results).map((one) => [one.id, one.version]),
  );
  return [
    `- Machine: ${formatMachine(machine)}.`,
    `- Peers: Bun ${versions.get("bun") ?? "absent"}, ws ${versions.get("ws") ?? "absent"}.`,
    `- Method: medians of ${rounds} rounds; each round counts ${seconds} s after ` +
    `${warmup_seconds} s of warm-up; messages of ${payload_bytes} bytes.`,
    `- Date: ${made.slice(0, 10)}.`,
  ].join("\n");
}

/** One sentence for the README: where Hubbub is ahead, and where it is behind. */
function summary({ cases }: Benchmark): string {
  const ratio = (id: string) => {
    const result = cases.find((one) => one.id === id)?.results.find(({ id }) =>
      id === "hubbub-deno"
    );
    const value = result?.ratios["bun"]?.deliveries;
    if (value == null) throw new Error(`Cannot write summary: docs/benchmark.json lacks ${id}`);
    return formatRatio(value);
  };
  return [
    `With 1,000 clients in one room, Hubbub makes ${ratio("1000x5000")} times as many deliveries a`,
    "second as Bun's built-in publish/subscribe, which checks and stores nothing; with 32 clients and",
    `32 messages in flight it makes ${ratio("32x32")} times as many. See`,
    "[docs/performance.md](docs/performance.md).",
  ].join("\n");
}
