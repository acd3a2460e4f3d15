/**
 * Types of the part of `prom-client` in use.
 *
 * @module
 */

declare module "prom-client/registry" {
  /** A line of the text format. */
  export interface MetricValue {
    /** Default: the name of the metric. */
    readonly metricName?: string;
    readonly labels?: Readonly<Record<string, string>>;
    readonly value: number;
  }

  /** What the registry asks a metric for. */
  export interface MetricLike {
    readonly name: string;
    get(): Promise<{
      readonly name: string;
      readonly help: string;
      readonly type: "counter" | "gauge" | "histogram";
      readonly values: readonly MetricValue[];
    }>;
  }

  export default class Registry {
    readonly contentType: string;
    /** @throws {Error} if there is another metric of this name */
    registerMetric(metric: MetricLike): void;
    metrics(): Promise<string>;
  }
}
