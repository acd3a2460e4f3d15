/**
 * What the hub counts, and what it knows without counting.
 *
 * @module
 */
import { COUNT_BOUNDS, Histogram, histograms } from "../metrics/histogram.ts";
import type { Metrics } from "../metrics/metrics.ts";
import { CloseCode, type Role } from "../protocol.ts";

/** Close codes that are told apart. A peer may send any other. */
const CODES: readonly string[] = [
  ...new Set([...Object.values(CloseCode), 1002, 1005, 1006]),
].sort((one, other) => one - other).map(String);

const OTHER = "other";

/** The roles of users. */
const ROLES: readonly Role[] = ["guest", "member", "admin", "bot"];

/** What clients read. */
const READS = ["history", "search", "list", "resume"] as const;

/** One of the kinds of reads. */
export type ReadKind = (typeof READS)[number];

/** What the hub knows; read when somebody asks. */
export interface HubState {
  /** Commands that wait for the loop. */
  readonly inbox: { readonly size: number };
  readonly sweeper: { readonly unauthenticated: number };
  readonly registry: {
    readonly users: Iterable<{ readonly role: Role }>;
    readonly rooms: Iterable<unknown>;
  };
}

/** Counters that the hub adds to. */
export class HubStatistics {
  connectionsOpened = 0;
  requests = 0;
  changes = 0;
  messages = 0;
  failedCommits = 0;
  /** Commands in one batch. */
  readonly batchSize = new Histogram(COUNT_BOUNDS);
  /** Seconds that a batch took, and its commit. */
  readonly batchSeconds = new Histogram();
  readonly commitSeconds = new Histogram();
  /** Seconds from a request to its answer. */
  readonly readSeconds = histograms(READS);
  readonly #ended = new Map<string, number>([...CODES, OTHER].map((code) => [code, 0]));

  constructor(metrics: Metrics, state: HubState) {
    this.#registerConnections(metrics, state);
    this.#registerBatches(metrics, state);
    metrics.register({
      name: "hubbub_read_duration_seconds",
      help: "Time from a client's request to read until it is answered, by kind",
      type: "histogram",
      label: "kind",
      values: READS,
      read: () => this.readSeconds,
    });
  }

  /** Counts a batch of so many commands, which took so many milliseconds. */
  served(
    { changes, messages }: { readonly changes: readonly unknown[]; readonly messages: number },
    commands: number,
    ms: number,
  ): void {
    this.requests += commands;
    this.changes += changes.length;
    this.messages += messages;
    this.batchSize.observe(commands);
    this.batchSeconds.observe(ms / 1000);
  }

  /** Counts the end of a connection. */
  ended(code: number): void {
    const key = this.#ended.has(String(code)) ? String(code) : OTHER;
    this.#ended.set(key, (this.#ended.get(key) ?? 0) + 1);
  }

  /** Passes a read on, and notes how long it took, however it ends. */
  async timeRead<T>(kind: ReadKind, read: () => Promise<T>): Promise<T> {
    const start = performance.now();
    try {
      return await read();
    } finally {
      this.readSeconds.get(kind)?.observe((performance.now() - start) / 1000);
    }
  }

  #registerConnections(metrics: Metrics, { sweeper, registry }: HubState): void {
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
      values: [...CODES, OTHER],
      read: () => this.#ended,
    });
    metrics.register({
      name: "hubbub_unauthenticated_connections",
      help: "Chat connections that have not logged in",
      type: "gauge",
      read: () => sweeper.unauthenticated,
    });
    metrics.register({
      name: "hubbub_users_online",
      help: "Users with a connection that has logged in, by role",
      type: "gauge",
      label: "role",
      values: ROLES,
      read: () => countRoles(registry.users),
    });
    metrics.register({
      name: "hubbub_rooms_open",
      help: "Rooms that somebody is in",
      type: "gauge",
      read: () => countOf(registry.rooms),
    });
  }

  #registerBatches(metrics: Metrics, { inbox }: HubState): void {
    metrics.register({
      name: "hubbub_requests_total",
      help: "Requests and other commands that the hub has served",
      type: "counter",
      read: () => this.requests,
    });
    metrics.register({
      name: "hubbub_messages_total",
      help: "Messages committed, files that were announced included",
      type: "counter",
      read: () => this.messages,
    });
    metrics.register({
      name: "hubbub_changes_total",
      help: "Messages, edits, deletions, reactions and changes to rooms handed to the store",
      type: "counter",
      read: () => this.changes,
    });
    metrics.register({
      name: "hubbub_failed_commits_total",
      help: "Batches that the store could not commit",
      type: "counter",
      read: () => this.failedCommits,
    });
    metrics.register({
      name: "hubbub_inbox_commands",
      help: "Commands that wait for the hub's next batch",
      type: "gauge",
      read: () => inbox.size,
    });
    metrics.register({
      name: "hubbub_batch_size",
      help: "Commands that the hub served in one batch",
      type: "histogram",
      read: () => this.batchSize,
    });
    metrics.register({
      name: "hubbub_batch_duration_seconds",
      help: "Time that the hub took for a batch, its commit and its delivery included",
      type: "histogram",
      read: () => this.batchSeconds,
    });
    metrics.register({
      name: "hubbub_commit_duration_seconds",
      help: "Time that the store took to commit a batch",
      type: "histogram",
      read: () => this.commitSeconds,
    });
  }
}

function countRoles(users: Iterable<{ readonly role: Role }>): ReadonlyMap<string, number> {
  const counts = new Map<string, number>(ROLES.map((role) => [role, 0]));
  for (const { role } of users) counts.set(role, (counts.get(role) ?? 0) + 1);
  return counts;
}

function countOf(things: Iterable<unknown>): number {
  let count = 0;
  for (const _ of things) count++;
  return count;
}
