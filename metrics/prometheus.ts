/**
 * Metrics in the text format of Prometheus, kept by npm's `prom-client`.
 *
 * @module
 */
import { Counter, Histogram, Registry } from "prom-client";
import type { Metrics } from "./metrics.ts";

/** Upper bounds of the histogram of batches, in seconds. */
const BATCH_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1];

/** Metrics that can be scraped. */
export interface PrometheusMetrics extends Metrics {
  /** Media type of what `render` returns. */
  readonly contentType: string;
  /** All figures as they are now. */
  render(): Promise<string>;
}

/** Makes metrics that begin at zero. */
export function createMetrics(): PrometheusMetrics {
  const registry = new Registry();
  const registers = [registry];
  const opened = new Counter({
    name: "hubbub_connections_opened_total",
    help: "Chat connections that were opened",
    registers,
  });
  const ended = new Counter({
    name: "hubbub_connections_ended_total",
    help: "Chat connections that have ended, by close code",
    labelNames: ["code"],
    registers,
  });
  const requests = new Counter({
    name: "hubbub_requests_total",
    help: "Requests and other commands that the hub has served",
    registers,
  });
  const changes = new Counter({
    name: "hubbub_changes_total",
    help: "Messages, edits, deletions and reactions handed to the store",
    registers,
  });
  const batches = new Histogram({
    name: "hubbub_batch_seconds",
    help: "Time that a batch takes, from its first request to the delivery of its last event",
    buckets: BATCH_BUCKETS,
    registers,
  });
  const failures = new Counter({
    name: "hubbub_commit_failures_total",
    help: "Batches that the store could not commit",
    registers,
  });
  return {
    connectionOpened: () => opened.inc(),
    connectionEnded: (code) => ended.inc({ code }),
    batchDone(batch) {
      requests.inc(batch.requests);
      changes.inc(batch.changes);
      batches.observe(batch.seconds);
    },
    commitFailed: () => failures.inc(),
    contentType: registry.contentType,
    render: () => registry.metrics(),
  };
}
