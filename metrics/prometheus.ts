/**
 * Metrics in the text format of Prometheus, by the parts of npm's `prom-client` that are needed: to load all
 * of it makes each batch of the hub take a third longer, whether anything is counted or not.
 *
 * @module
 */
import Counter from "prom-client/counter";
import Gauge from "prom-client/gauge";
import Registry from "prom-client/registry";
import type { Metrics } from "./metrics.ts";

/** Metrics that can be scraped. */
export interface PrometheusMetrics extends Metrics {
  /** Media type of what `render` returns. */
  readonly contentType: string;
  /** All figures as they are now. */
  render(): Promise<string>;
}

/** Makes metrics without any figures. */
export function createMetrics(): PrometheusMetrics {
  const registry = new Registry();
  const registers = [registry];
  return {
    register({ name, help, type, label, read }) {
      const labelNames = label === undefined ? [] : [label];
      const collect = (set: (labels: Record<string, string>, value: number) => void) => {
        const sample = read();
        if (typeof sample === "number") return set({}, sample);
        for (const [value, number] of sample) set({ [label ?? "value"]: value }, number);
      };
      if (type === "gauge") {
        new Gauge({
          name,
          help,
          labelNames,
          registers,
          collect() {
            this.reset();
            collect((labels, value) => this.set(labels, value));
          },
        });
      } else {
        new Counter({
          name,
          help,
          labelNames,
          registers,
          collect() {
            this.reset();
            collect((labels, value) => this.inc(labels, value));
          },
        });
      }
    },
    contentType: registry.contentType,
    render: () => registry.metrics(),
  };
}
