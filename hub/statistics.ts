/**
 * What the hub counts.
 *
 * @module
 */
import type { Metrics } from "../metrics/metrics.ts";

/** Counters that the hub adds to. */
export class HubStatistics {
  connectionsOpened = 0;
  /** By close code. */
  readonly connectionsEnded = new Map<string, number>();
  requests = 0;
  changes = 0;
  batches = 0;
  failedCommits = 0;

  constructor(metrics: Metrics) {
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
      name: "hubbub_batches_total",
      help: "Batches in which the hub has served them",
      type: "counter",
      read: () => this.batches,
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
