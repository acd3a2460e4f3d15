/**
 * Formats the result of `hubbub bench`, for people and as JSON.
 *
 * @module
 */
import type { LoadModel } from "./driver.ts";
import type { Bar, LatencyHistogram } from "./histogram.ts";
import type { Usage } from "./usage.ts";

/** What was counted. */
export interface Counts {
  /** Messages sent. */
  readonly sent: number;
  /** Messages received, by all clients together. */
  readonly deliveries: number;
  /** Bytes received. */
  readonly bytes: number;
  /** Of the deliveries, in microseconds. */
  readonly latency: LatencyHistogram;
}

/** A finished measurement. */
export interface Result {
  readonly url: string;
  readonly asked: {
    readonly clients: number;
    readonly senders: number;
    readonly rooms: number;
    readonly model: LoadModel;
    readonly payload: number;
  };
  /** Number of clients that were logged in when counting started, and how long that took. */
  readonly connected: number;
  readonly connectSeconds: number;
  readonly seconds: number;
  readonly counts: Counts;
  readonly usage: Usage;
  readonly refusals: ReadonlyMap<string, number>;
  readonly lost: ReadonlyMap<string, number>;
}

/** The percentiles that are reported, by their names. */
const SHARES: readonly (readonly [string, number])[] = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p99", 0.99],
  ["p99.9", 0.999],
];

/** Length of the longest bar of the chart, in columns. */
const BAR_WIDTH = 40;

/** Eighths of a column, thinnest first. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** The result for people, without a line break at the end. */
export function formatResult(result: Result): string {
  const { counts, seconds, usage } = result;
  const perSecond = (value: number) => `${formatCount(value / seconds)} a second`;
  const percentiles = [
    ...SHARES.map(([name, share]) => `${name} ${formatLatency(counts.latency.percentile(share))}`),
    `max ${formatLatency(counts.latency.max)}`,
  ];
  return [
    formatSetting(result),
    "",
    `  connected   ${result.connected} in ${result.connectSeconds.toFixed(2)} s`,
    `  sent        ${perSecond(counts.sent)}`,
    `  delivered   ${perSecond(counts.deliveries)}, ${formatBytes(counts.bytes / seconds)}/s`,
    `  latency     ${percentiles.join("   ")}`,
    `  generator   ${formatUsage(usage)}`,
    "",
    ...formatChart(counts.latency),
    "",
    ...verdict(result),
  ].join("\n");
}

/** The result as a JSON object; latencies are in milliseconds. */
export function jsonResult(result: Result): Record<string, unknown> {
  const { url, asked: { model, ...asked }, counts, seconds, usage } = result;
  const ms = (us: number) => us / 1000;
  return {
    url,
    ...asked,
    ...(model.kind === "closed" ? { window: model.window } : { rate: model.rate }),
    connected: result.connected,
    connect_seconds: result.connectSeconds,
    seconds,
    messages_per_second: counts.sent / seconds,
    deliveries_per_second: counts.deliveries / seconds,
    bytes_per_second: counts.bytes / seconds,
    latency_ms: {
      mean: ms(counts.latency.mean),
      ...Object.fromEntries(
        SHARES.map(([name, share]) => [name, ms(counts.latency.percentile(share))]),
      ),
      max: ms(counts.latency.max),
    },
    histogram: counts.latency.bars().map(({ from, to, count }) => ({
      from_ms: ms(from),
      to_ms: ms(to),
      count,
    })),
    bench: {
      cpu: usage.cpu,
      lag_ms: { p50: usage.lagP50, p99: usage.lagP99 },
      saturated: usage.saturated,
    },
    refusals: Object.fromEntries(result.refusals),
    lost: Object.fromEntries(result.lost),
  };
}

/** One line of progress. */
export function formatProgress(
  second: number,
  counts: Counts,
  elapsed: number,
  usage: Usage,
): string {
  const { latency } = counts;
  return [
    `${second} s`.padStart(7),
    `${formatCount(counts.deliveries / elapsed)} deliveries a second`.padStart(34),
    `p50 ${formatLatency(latency.percentile(0.5))}`.padStart(14),
    `p99 ${formatLatency(latency.percentile(0.99))}`.padStart(14),
    `   generator ${formatUsage(usage)}`,
  ].join("");
}

function formatSetting({ url, asked }: Result): string {
  const { clients, senders, rooms, model, payload } = asked;
  const how = model.kind === "closed"
    ? `${model.window} messages in flight`
    : `${formatCount(model.rate)} messages a second`;
  const where = rooms === 1 ? "1 room" : `${rooms} rooms`;
  return `${url}: ${clients} clients in ${where}, ${senders} senders, ${how}, ${payload} bytes each`;
}

function formatUsage({ cpu, lagP99 }: Usage): string {
  return `${Math.round(cpu * 100)} % of a processor, event-loop delay p99 ${lagP99.toFixed(1)} ms`;
}

function formatChart(latency: LatencyHistogram): string[] {
  const bars = latency.bars();
  const most = Math.max(...bars.map(({ count }) => count));
  return bars.map((bar) => {
    const share = (100 * bar.count) / latency.count;
    return `  ${range(bar).padStart(20)}  ${drawBar(bar.count / most)} ${share.toFixed(1)} %`;
  });
}

function range({ from, to }: Bar): string {
  return `${formatLatency(from)} to ${formatLatency(to)}`;
}

/** @param length from 0 to 1 */
function drawBar(length: number): string {
  const eighths = Math.round(length * BAR_WIDTH * 8);
  return "█".repeat(Math.floor(eighths / 8)) + (EIGHTHS[eighths % 8] ?? "");
}

/** How far the figures can be trusted. */
function verdict({ usage, asked, connected, refusals, lost }: Result): string[] {
  const lines: string[] = [];
  if (connected < asked.clients) {
    lines.push(`Only ${connected} of ${asked.clients} clients could connect.`);
  }
  for (const [reason, count] of lost) lines.push(`${count} connections were lost: ${reason}.`);
  for (const [code, count] of refusals) {
    lines.push(`${formatCount(count)} messages were refused: ${code}.`);
  }
  lines.push(
    usage.saturated
      ? "The load generator was the bottleneck: the server can do more than this shows. Run " +
        "several at once on other processors, or use fewer clients."
      : "The load generator was not the bottleneck: the figures are the server's.",
  );
  return lines;
}

function formatCount(value: number): string {
  return Math.round(value).toLocaleString("en-US");
}

function formatBytes(bytes: number): string {
  return bytes >= 2 ** 20
    ? `${(bytes / 2 ** 20).toFixed(1)} MiB`
    : `${(bytes / 2 ** 10).toFixed(1)} KiB`;
}

/** @param us microseconds */
function formatLatency(us: number): string {
  if (us < 1000) return `${Math.round(us)} µs`;
  const ms = us / 1000;
  return ms < 1000 ? `${ms.toPrecision(3)} ms` : `${(ms / 1000).toPrecision(3)} s`;
}
