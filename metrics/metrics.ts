/**
 * What the server tells about itself in figures: the contract, handed in like the clock. Whoever has a figure
 * registers how to read it, with its name and what it means; where the figures go is decided at the start.
 * Counting itself is adding to a number, and asks nothing of anybody.
 *
 * Names follow the conventions of Prometheus: `hubbub_…`, base units, `_total` for a counter.
 *
 * @module
 */

/** A figure that is read when somebody asks for it. */
export interface Metric {
  readonly name: string;
  /** What it means, in one sentence without a full stop. */
  readonly help: string;
  /** A counter only grows; a gauge goes up and down. */
  readonly type: "counter" | "gauge";
  /** Name of the label, if `read` returns a value for each of several. */
  readonly label?: string;
  /** The value now, or that of each value of the label. Must be quick. */
  read(): number | ReadonlyMap<string, number>;
}

/** Where figures are registered. */
export interface Metrics {
  /** Registers a figure. No two have the same name. */
  register(metric: Metric): void;
}

/** For whoever does not want to know. */
export const NO_METRICS: Metrics = {
  register() {},
};
