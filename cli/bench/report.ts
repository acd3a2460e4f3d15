/**
 * What a measurement came to, for people and as JSON.
 *
 * @module
 */
import type { Bar, Histogram } from "./histogram.ts";
import type { Counts, Pace } from "./load.ts";
import type { OwnLoad } from "./own_load.ts";

/** A finished measurement. */
export interface Result {
  readonly url: string;
  readonly asked: {
    readonly clients: number;
    readonly senders: number;
    readonly rooms: number;
    readonly pace: Pace;
    readonly payload: number;
  };
  /** How many were logged in when the counting began, and after how many seconds. */
  readonly connected: number;
  readonly connectSeconds: number;
  readonly seconds: number;
  readonly counts: Counts;
  readonly own: OwnLoad;
  readonly refusals: ReadonlyMap<string, number>;
  readonly lost: ReadonlyMap<string, number>;
}

/** Percentiles that are told, by their names. */
const SHARES: readonly (readonly [string, number])[] = [
  ["p50", 0.5],
  ["p90", 0.9],
  ["p99", 0.99],
  ["p99.9", 0.999],
];

/** Longest bar of the chart, in columns. */
const BAR_WIDTH = 40;

/** Eighths of a column, the thinnest first. */
const EIGHTHS = ["", "▏", "▎", "▍", "▌", "▋", "▊", "▉"];

/** The result as people read it; ends without a line break. */
export function formatResult(result: Result): string {
  const { counts, seconds, own } = result;
  const perSecond = (value: number) => `${formatCount(value / seconds)} a second`;
  const percentiles = [
    ...SHARES.map(([name, share]) => `${name} ${formatLatency(counts.latency.percentile(share))}`),
    `max ${formatLatency(counts.latency.max)}`,
  ];
  return [
    formatSetting(result),
    "",
    `  connected   ${result.connected} in ${result.connectSeconds.toFixed(2)} s`,
    `  said        ${perSecond(counts.sent)}`,
    `  delivered   ${perSecond(counts.deliveries)}, ${formatBytes(counts.bytes / seconds)}/s`,
    `  latency     ${percentiles.join("   ")}`,
    `  this bench  ${formatOwn(own)}`,
    "",
    ...formatChart(counts.latency),
    "",
    ...verdict(result),
  ].join("\n");
}

/** The result as an object of JSON; latencies in milliseconds. */
export function jsonResult(result: Result): Record<string, unknown> {
  const { url, asked: { pace, ...asked }, counts, seconds, own } = result;
  const ms = (us: number) => us / 1000;
  return {
    url,
    ...asked,
    ...(pace.kind === "window" ? { window: pace.messages } : { rate: pace.perSecond }),
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
      cpu: own.cpu,
      lag_ms: { p50: own.lagP50, p99: own.lagP99 },
      saturated: own.saturated,
    },
    refusals: Object.fromEntries(result.refusals),
    lost: Object.fromEntries(result.lost),
  };
}

/** One line of progress. */
export function formatProgress(second: number, counts: Counts, elapsed: number, own: OwnLoad) {
  const { latency } = counts;
  return [
    `${second} s`.padStart(7),
    `${formatCount(counts.deliveries / elapsed)} deliveries a second`.padStart(34),
    `p50 ${formatLatency(latency.percentile(0.5))}`.padStart(14),
    `p99 ${formatLatency(latency.percentile(0.99))}`.padStart(14),
    `   this bench ${formatOwn(own)}`,
  ].join("");
}

function formatSetting({ url, asked }: Result): string {
  const { clients, senders, rooms, pace, payload } = asked;
  const how = pace.kind === "window"
    ? `${pace.messages} messages in flight`
    : `${formatCount(pace.perSecond)} messages a second`;
  const where = rooms === 1 ? "1 room" : `${rooms} rooms`;
  return `${url}: ${clients} clients in ${where}, ${senders} of them talk, ${how} of ${payload} bytes`;
}

function formatOwn({ cpu, lagP99 }: OwnLoad): string {
  return `${Math.round(cpu * 100)} % of a processor, loop late by p99 ${lagP99.toFixed(1)} ms`;
}

function formatChart(latency: Histogram): string[] {
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

/** What is to be thought of the figures. */
function verdict({ own, asked, connected, refusals, lost }: Result): string[] {
  const lines: string[] = [];
  if (connected < asked.clients) {
    lines.push(`Only ${connected} of ${asked.clients} clients could connect.`);
  }
  for (const [reason, count] of lost) lines.push(`${count} connections were lost: ${reason}.`);
  for (const [code, count] of refusals) {
    lines.push(`${formatCount(count)} messages were refused: ${code}.`);
  }
  lines.push(
    own.saturated
      ? "This bench is at its own limit: the server can do more than this shows. Run several " +
        "of it at once, on other processors, or fewer clients."
      : "This bench was not at its limit: the figures are the server's.",
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
