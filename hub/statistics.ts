/**
 * What the hub counts.
 *
 * @module
 */
import type { Histogram, Metrics } from "../metrics/metrics.ts";

/** Upper bounds of the durations of batches, in seconds. */
const BATCH_BUCKETS = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 1];

/** Counters that the hub adds to. */
export class HubStatistics {
  connectionsOpened = 0;
  /** By close code. */
  readonly connectionsEnded = new Map<string, number>();
  requests = 0;
  changes = 0;
  failedCommits = 0;
  /** Durations of batches, in seconds. */
  readonly batches: Histogram;

  constructor(metrics: Metrics) {
    this.batches = metrics.histogram({
      name: "hubbub_batch_seconds",
      help: "Time that a batch takes, from its first request to the delivery of its last event",
      buckets: BATCH_BUCKETS,
    });
    metrics.register({
      name: "hubbub_connections_opened_total",
      help: "Chat connections opened",
      type: "counter",
      read: () => this.connectionsOpened,
    });
    metrics.register({
      name: "hubbub_connections_ended_total",
      help: "Chat connections ended, by close code",
      type: "counter",
      label: "code",
      read: () => this.connectionsEnded,
    });
    metrics.register({
      name: "hubbub_requests_total",
      help: "Requests and other commands that the hub has served",
      type: "counter",
      read: () => this.requests,
    });
    metrics.register({
      name: "hubbub_changes_total",
      help: "Messages, edits, deletions and reactions handed to the store",
      type: "counter",
      read: () => this.changes,
    });
    metrics.register({
      name: "hubbub_failed_commits_total",
      help: "Batches that the store could not commit",
      type: "counter",
      read: () => this.failedCommits,
    });
  }

  /** Counts the end of a connection. */
  ended(code: number): void {
    const key = String(code);
    this.connectionsEnded.set(key, (this.connectionsEnded.get(key) ?? 0) + 1);
  }
}
