/**
 * The server's own metrics.
 *
 * @module
 */
import { join } from "node:path";
import type { DataLocation } from "../config/config.ts";
import type { Metrics } from "../metrics/metrics.ts";
import type { Admission } from "./admission.ts";
import type { Readiness } from "./readiness.ts";

/** Databases whose write-ahead logs are measured. */
const DATABASES = ["hubbub", "people", "files", "search"];

/** Registers the server's metrics. */
export function registerFigures(
  metrics: Metrics,
  { data, admission, readiness }: {
    readonly data: DataLocation;
    readonly admission: Pick<Admission, "count">;
    readonly readiness: Pick<Readiness, "problems">;
  },
): void {
  metrics.register({
    name: "hubbub_connections",
    help: "WebSocket connections that are not gone yet, on all endpoints",
    type: "gauge",
    read: () => admission.count,
  });
  metrics.register({
    name: "hubbub_readiness_problems",
    help: "What could not be read or written when readiness was last asked for",
    type: "gauge",
    read: () => readiness.problems.length,
  });
  if (data.kind !== "directory") return;
  metrics.register({
    name: "hubbub_write_ahead_log_bytes",
    help: "Size of the write-ahead log of each database",
    type: "gauge",
    label: "database",
    read: () =>
      new Map(DATABASES.map((name) => [name, sizeOf(join(data.path, `${name}.db-wal`))] as const)),
  });
}

/** Size of a file in bytes; 0 if there is none. */
function sizeOf(path: string): number {
  try {
    return Deno.statSync(path).size;
  } catch {
    return 0;
  }
}
