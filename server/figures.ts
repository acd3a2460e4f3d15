/**
 * The server's own metrics: its connections, its process and what it keeps.
 *
 * @module
 */
import { statfs } from "node:fs";
import { join } from "node:path";
import process from "node:process";
import { promisify } from "node:util";
import type { RetryLoop } from "../client/outgoing.ts";
import type { DataLocation, Transport } from "../config/config.ts";
import { commit, VERSION } from "../config/version.ts";
import type { FileFigures, FileStore } from "../files/file_store.ts";
import type { LoopDelay } from "../metrics/loop_delay.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Store, StoreFigures } from "../store/store.ts";
import type { Admission } from "./admission.ts";
import type { Readiness } from "./readiness.ts";

/** Databases in the data directory. */
const DATABASES = ["hubbub", "people", "files", "search"] as const;

/** Kinds of memory. */
const MEMORY = ["heap_used", "heap_total", "external"] as const;

const statFileSystem = promisify(statfs);

/** What the flags allow; `Infinity`: no limit. */
interface Limits {
  readonly maxConnections: number;
  /** Bytes. */
  readonly maxMemory: number;
  readonly maxStorage: number;
}

/** What is measured. */
export interface FiguresOptions extends Limits {
  readonly data: DataLocation;
  readonly transport: Transport;
  readonly admission: Pick<Admission, "count">;
  readonly readiness: Pick<Readiness, "check">;
  readonly store: Pick<Store, "figures">;
  readonly files: Pick<FileStore, "figures">;
  readonly loopDelay: Pick<LoopDelay, "histogram">;
  /** The queues of each endpoint. */
  readonly loops: Readonly<Record<string, RetryLoop>>;
}

/** Registers the server's metrics. */
export function registerFigures(metrics: Metrics, options: FiguresOptions): void {
  const { admission, readiness } = options;
  metrics.register({
    name: "hubbub_connections",
    help: "WebSocket connections that are not gone yet, on all endpoints",
    type: "gauge",
    read: () => admission.count,
  });
  metrics.register({
    name: "hubbub_readiness_problems",
    help: "What cannot be read or written, as /readyz tells in words",
    type: "gauge",
    read: async () => (await readiness.check()).length,
  });
  registerLimits(metrics, options);
  registerTraffic(metrics, options);
  registerProcess(metrics, options);
  registerStore(metrics, options);
  registerFiles(metrics, options);
  if (options.data.kind === "directory") registerDisk(metrics, options.data.path);
}

/** Alerts compare with them. */
function registerLimits(
  metrics: Metrics,
  { maxConnections, maxMemory, maxStorage }: Limits,
): void {
  const register = (name: string, flag: string, value: number) =>
    metrics.register({
      name,
      help: `The limit that --${flag} sets; +Inf if there is none`,
      type: "gauge",
      read: () => value,
    });
  register("hubbub_connections_limit", "max-connections", maxConnections);
  register("hubbub_memory_limit_bytes", "max-memory", maxMemory);
  register("hubbub_files_limit_bytes", "max-storage", maxStorage);
}

function registerTraffic(metrics: Metrics, { loops }: Pick<FiguresOptions, "loops">): void {
  const endpoints = Object.entries(loops);
  const values = Object.keys(loops);
  const register = (
    type: "counter" | "gauge",
    name: string,
    help: string,
    read: (loop: RetryLoop) => number,
  ) =>
    metrics.register({
      name,
      help,
      type,
      label: "endpoint",
      values,
      read: () => new Map(endpoints.map(([endpoint, loop]) => [endpoint, read(loop)] as const)),
    });
  register(
    "gauge",
    "hubbub_open_connections",
    "WebSocket connections that are open, by endpoint",
    ({ traffic }) => traffic.connections,
  );
  register(
    "counter",
    "hubbub_received_frames_total",
    "WebSocket messages received, by endpoint",
    ({ traffic }) => traffic.receivedFrames,
  );
  register(
    "counter",
    "hubbub_received_bytes_total",
    "Bytes of WebSocket messages received, by endpoint",
    ({ traffic }) => traffic.receivedBytes,
  );
  register(
    "counter",
    "hubbub_sent_bytes_total",
    "Bytes of WebSocket messages sent, before compression, by endpoint",
    ({ traffic }) => traffic.sent.sentBytes,
  );
  register(
    "gauge",
    "hubbub_send_queue_bytes",
    "Bytes that wait for clients which read slowly, by endpoint",
    (loop) => loop.queuedBytes,
  );
  metrics.register({
    name: "hubbub_deliveries_total",
    help:
      "Events delivered in the chat: one that a hundred connections receive counts a hundred times",
    type: "counter",
    read: () => loops["chat"]?.traffic.sent.deliveries ?? 0,
  });
}

function registerProcess(
  metrics: Metrics,
  { transport, loopDelay }: Pick<FiguresOptions, "transport" | "loopDelay">,
): void {
  const started = Date.now() / 1000 - performance.now() / 1000;
  metrics.register({
    name: "hubbub_build_info",
    help: "Always 1; the labels say which version runs, on which runtime and transport",
    type: "gauge",
    constants: { version: VERSION, commit: commit(), deno: Deno.version.deno, transport },
    read: () => 1,
  });
  metrics.register({
    name: "process_start_time_seconds",
    help: "When the process started, in seconds since 1970",
    type: "gauge",
    read: () => started,
  });
  metrics.register({
    name: "process_cpu_seconds_total",
    help: "Processor time that the process has used",
    type: "counter",
    read() {
      const { user, system } = process.cpuUsage();
      return (user + system) / 1e6;
    },
  });
  metrics.register({
    name: "process_resident_memory_bytes",
    help: "Memory of the process that is in RAM",
    type: "gauge",
    read: () => Deno.memoryUsage().rss,
  });
  metrics.register({
    name: "hubbub_memory_bytes",
    help: "Memory of JavaScript: heap in use, heap in all, and buffers outside of it",
    type: "gauge",
    label: "kind",
    values: MEMORY,
    read() {
      const { heapUsed, heapTotal, external } = Deno.memoryUsage();
      return new Map(Object.entries({ heap_used: heapUsed, heap_total: heapTotal, external }));
    },
  });
  metrics.register({
    name: "hubbub_event_loop_delay_seconds",
    help: "How late the event loop gets to what is due, looked at every 20 ms",
    type: "histogram",
    read: () => loopDelay.histogram,
  });
}

function registerStore(metrics: Metrics, { store }: Pick<FiguresOptions, "store">): void {
  if (store.figures === undefined) return;
  const figures = shared<StoreFigures>(() => store.figures?.());
  metrics.register({
    name: "hubbub_rooms_known",
    help: "Rooms in which something was said, direct conversations included",
    type: "gauge",
    read: async () => (await figures()).rooms,
  });
  metrics.register({
    name: "hubbub_index_lag_messages",
    help: "Messages that the search index lacks",
    type: "gauge",
    read: async () => (await figures()).unindexed,
  });
  metrics.register({
    name: "hubbub_store_waiting_writes",
    help: "Writes to the messages that wait because the database is busy",
    type: "gauge",
    read: async () => (await figures()).waiting,
  });
}

function registerFiles(metrics: Metrics, { files }: Pick<FiguresOptions, "files">): void {
  if (files.figures === undefined) return;
  const figures = shared<FileFigures>(() => files.figures?.());
  const register = (name: string, help: string, read: (figures: FileFigures) => number) =>
    metrics.register({ name, help, type: "gauge", read: async () => read(await figures()) });
  register("hubbub_files", "Files that were uploaded", ({ files }) => files);
  register(
    "hubbub_files_unannounced",
    "Files to which no message refers",
    ({ unannounced }) => unannounced,
  );
  register(
    "hubbub_files_bytes",
    "Bytes of all files, each content once, running uploads included",
    ({ bytes }) => bytes,
  );
  register("hubbub_uploads", "Uploads that are running", ({ uploads }) => uploads);
  register(
    "hubbub_quarantine_files",
    "Contents in quarantine, because nothing refers to them",
    ({ quarantined }) => quarantined,
  );
  register(
    "hubbub_quarantine_bytes",
    "Bytes of the contents in quarantine",
    ({ quarantinedBytes }) => quarantinedBytes,
  );
}

function registerDisk(metrics: Metrics, dir: string): void {
  const sizes = (suffix: string) =>
    new Map(DATABASES.map((name) => [name, sizeOf(join(dir, `${name}.db${suffix}`))] as const));
  metrics.register({
    name: "hubbub_database_bytes",
    help: "Size of each database",
    type: "gauge",
    label: "database",
    values: DATABASES,
    read: () => sizes(""),
  });
  metrics.register({
    name: "hubbub_write_ahead_log_bytes",
    help: "Size of the write-ahead log of each database",
    type: "gauge",
    label: "database",
    values: DATABASES,
    read: () => sizes("-wal"),
  });
  metrics.register({
    name: "hubbub_disk_free_bytes",
    help: "Space on the disk of the data directory that this user can write to",
    type: "gauge",
    async read() {
      const { bavail, bsize } = await statFileSystem(dir);
      return bavail * bsize;
    },
  });
  metrics.register({
    name: "hubbub_disk_bytes",
    help: "Size of the disk of the data directory",
    type: "gauge",
    async read() {
      const { blocks, bsize } = await statFileSystem(dir);
      return blocks * bsize;
    },
  });
}

/** Asks once for all who want to know before there is an answer: the metrics of one scrape. */
function shared<T>(ask: () => Promise<T> | undefined): () => Promise<T> {
  let asked: Promise<T> | undefined;
  return () => {
    asked ??= ask()?.finally(() => asked = undefined);
    if (asked === undefined) throw new Error("Cannot read figures: there are none");
    return asked;
  };
}

/** Size of a file in bytes; 0 if there is none. */
function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
