/**
 * Metrics in the text format of Prometheus, by the part of npm's `prom-client` that is needed: to load all
 * of it makes each batch of the hub take a third longer, whether anything is counted or not. It is loaded
 * when somebody asks for the figures.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { MetricValue } from "prom-client/registry";
import { Histogram } from "./histogram.ts";
import type { Metric, Metrics } from "./metrics.ts";

const logger = getLogger(["hubbub", "metrics"]);

/** Figures as text. */
export interface Exposition {
  /** Media type, with the version of the format. */
  readonly contentType: string;
  readonly text: string;
}

/** Metrics that can be scraped. */
export interface PrometheusMetrics extends Metrics {
  /** What is registered. */
  readonly registered: readonly Metric[];
  /** All figures as they are now. */
  render(): Promise<Exposition>;
}

/** Makes metrics without any figures. */
export function createMetrics(): PrometheusMetrics {
  const registered: Metric[] = [];
  const failed = new Set<string>();
  return {
    registered,
    register(metric) {
      if (registered.some(({ name }) => name === metric.name)) {
        throw new TypeError(`Cannot register metric: there is a ${metric.name} already`);
      }
      registered.push(metric);
    },
    render: () => render(registered, failed),
  };
}

/** @param failed the names of the metrics of which it was said that they cannot be read */
async function render(metrics: readonly Metric[], failed: Set<string>): Promise<Exposition> {
  const { default: Registry } = await import("prom-client/registry");
  const registry = new Registry();
  for (const metric of metrics) {
    const { name, help, type } = metric;
    registry.registerMetric({
      name,
      get: async () => ({ name, help, type, values: await valuesOf(metric, failed) }),
    });
  }
  return { contentType: registry.contentType, text: await registry.metrics() };
}

/** What cannot be read is left out: all the rest is worth more then than at any other time. */
async function valuesOf(metric: Metric, failed: Set<string>): Promise<MetricValue[]> {
  const { name, label = "value", constants } = metric;
  try {
    const sample = await metric.read();
    if (typeof sample === "number" || sample instanceof Histogram) {
      return toValues(name, { ...constants }, sample);
    }
    const values: MetricValue[] = [];
    for (const [value, part] of sample) {
      values.push(...toValues(name, { ...constants, [label]: value }, part));
    }
    return values;
  } catch (error) {
    if (!failed.has(name)) logger.warn("Cannot read metric {name}: {error}", { name, error });
    failed.add(name);
    return [];
  }
}

function toValues(
  name: string,
  labels: Record<string, string>,
  value: number | Histogram,
): MetricValue[] {
  if (typeof value === "number") return [{ labels, value }];
  const values: MetricValue[] = [];
  let count = 0;
  for (const [bucket, added] of value.counts.entries()) {
    count += added;
    const le = String(value.bounds[bucket] ?? "+Inf");
    values.push({ metricName: `${name}_bucket`, labels: { ...labels, le }, value: count });
  }
  values.push({ metricName: `${name}_sum`, labels, value: value.sum });
  values.push({ metricName: `${name}_count`, labels, value: count });
  return values;
}
