/**
 * Metrics in the text format of Prometheus, by the parts of npm's `prom-client` that are needed: to load all
 * of it makes each batch of the hub take a third longer, whether anything is counted or not. They are loaded
 * when somebody asks for the figures.
 *
 * @module
 */
import type { Metric, Metrics } from "./metrics.ts";

/** Figures as text. */
export interface Exposition {
  /** Media type, with the version of the format. */
  readonly contentType: string;
  readonly text: string;
}

/** Metrics that can be scraped. */
export interface PrometheusMetrics extends Metrics {
  /** All figures as they are now. */
  render(): Promise<Exposition>;
}

/** Makes metrics without any figures. */
export function createMetrics(): PrometheusMetrics {
  const metrics: Metric[] = [];
  return {
    register: (metric) => void metrics.push(metric),
    render: () => render(metrics),
  };
}

async function render(metrics: readonly Metric[]): Promise<Exposition> {
  const [{ default: Registry }, { default: Counter }, { default: Gauge }] = await Promise.all([
    import("prom-client/registry"),
    import("prom-client/counter"),
    import("prom-client/gauge"),
  ]);
  const registry = new Registry();
  for (const { name, help, type, label, read } of metrics) {
    const labelNames = label === undefined ? [] : [label];
    const options = { name, help, labelNames, registers: [registry] };
    const metric = type === "counter" ? new Counter(options) : new Gauge(options);
    const sample = read();
    if (typeof sample === "number") metric.inc(sample);
    else for (const [value, number] of sample) metric.inc({ [label ?? "value"]: value }, number);
  }
  return { contentType: registry.contentType, text: await registry.metrics() };
}
