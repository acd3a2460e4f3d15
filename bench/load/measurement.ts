/**
 * The result of a measurement. Imports nothing.
 *
 * @module
 */

/** The figures of one run. */
export interface Measurement {
  /** How long the load was counted. */
  readonly seconds: number;
  /** Per second: messages sent, messages received by all clients, frames and bytes received. */
  readonly messages: number;
  readonly deliveries: number;
  readonly frames: number;
  readonly bytes: number;
  /** Latency from sending to receiving, in microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** Processor time divided by elapsed time; `null` if unknown. */
  readonly serverCpu: number | null;
  readonly generatorCpu: number;
  /** Deliveries that never arrived; `null` in a closed loop, where some are always in flight. */
  readonly undelivered: number | null;
}

const NUMBERS = [
  "seconds",
  "messages",
  "deliveries",
  "frames",
  "bytes",
  "p50",
  "p99",
  "p999",
  "max",
  "generatorCpu",
] as const satisfies (keyof Measurement)[];

const MAYBE = ["serverCpu", "undelivered"] as const satisfies (keyof Measurement)[];

/**
 * Parses a measurement from JSON.
 *
 * @throws {Error} if it is not one
 */
export function parseMeasurement(json: string): Measurement {
  const value: unknown = JSON.parse(json);
  if (!isMeasurement(value)) throw new Error(`Cannot read measurement: received ${json}`);
  return value;
}

function isMeasurement(value: unknown): value is Measurement {
  if (typeof value !== "object" || value === null) return false;
  const fields = new Map<string, unknown>(Object.entries(value));
  return NUMBERS.every((name) => typeof fields.get(name) === "number") &&
    MAYBE.every((name) => fields.get(name) === null || typeof fields.get(name) === "number");
}
