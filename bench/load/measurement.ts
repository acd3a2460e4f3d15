/**
 * What a measurement comes to. Imports nothing.
 *
 * @module
 */

/** Figures of one run. */
export interface Measurement {
  /** How long was counted. */
  readonly seconds: number;
  /** A second: messages said; messages times those whom they reached; frames; bytes that arrived. */
  readonly messages: number;
  readonly deliveries: number;
  readonly frames: number;
  readonly bytes: number;
  /** From the saying to the arriving, in microseconds. */
  readonly p50: number;
  readonly p99: number;
  readonly p999: number;
  readonly max: number;
  /** Share of a processor that was used; `null` where that is not known. */
  readonly serverCpu: number | null;
  readonly generatorCpu: number;
  /** Deliveries that never came; `null` in a closed loop, where some are always under way. */
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
 * Reads a measurement from JSON.
 *
 * @throws {Error} if it is none
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
