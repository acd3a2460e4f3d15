/**
 * What the server tells about itself in figures: the contract, handed in like the clock. Whoever has a figure
 * registers how to read it, with its name and what it means; where the figures go is decided at the start.
 * Counting itself is adding to a number, and asks nothing of anybody.
 *
 * Names follow the conventions of Prometheus: `hubbub_…`, base units, `_total` for a counter. A label has few
 * values, known beforehand: never a name, a room or an address.
 *
 * @module
 */
import type { Histogram } from "./histogram.ts";

/** The value of a metric; or one for each value of its label. */
export type Sample<T> = T | ReadonlyMap<string, T>;

/** What all metrics have. */
interface Described {
  readonly name: string;
  /** What it means, in one sentence without a full stop. */
  readonly help: string;
  /** Name of the label, if `read` returns a value for each of several. */
  readonly label?: string;
  /** All values that the label can have. */
  readonly values?: readonly string[];
  /** Labels that never change while the server runs. */
  readonly constants?: Readonly<Record<string, string>>;
}

/** A figure that is read when somebody asks for it. */
export interface NumberMetric extends Described {
  /** A counter only grows; a gauge goes up and down. */
  readonly type: "counter" | "gauge";
  /** The value now. Must be quick; without one, because reading fails, the metric is left out. */
  read(): Sample<number> | Promise<Sample<number>>;
}

/** How often which values occurred. */
export interface HistogramMetric extends Described {
  readonly type: "histogram";
  /** What was observed so far. Must be quick. */
  read(): Sample<Histogram> | Promise<Sample<Histogram>>;
}

/** A metric. */
export type Metric = NumberMetric | HistogramMetric;

/** Where figures are registered. */
export interface Metrics {
  /**
   * Registers a figure.
   *
   * @throws {TypeError} if there is one of the same name
   */
  register(metric: Metric): void;
}

/** For whoever does not want to know. */
export const NO_METRICS: Metrics = {
  register() {},
};
