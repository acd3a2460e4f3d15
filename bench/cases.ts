/**
 * The cases of a comparison.
 *
 * @module
 */
import type { LoadModel } from "../cli/load/driver.ts";

/** A load to put on a server. */
export interface Case {
  /** The name that `--cases` takes. */
  readonly id: string;
  readonly clients: number;
  /** The clients are spread evenly over the rooms. */
  readonly rooms: number;
  readonly model: LoadModel;
}

/** Length of a message's text in bytes: a typical line of a chat. */
export const PAYLOAD = 64;

/** The cases of `deno task bench`: one room in which all clients send. */
export const CASES: readonly Case[] = [
  inFlight("100x1000", 100, 1000),
  inFlight("1000x1000", 1000, 1000),
  inFlight("1000x5000", 1000, 5000),
  inFlight("32x32", 32, 32),
  perSecond("100@200", 100, 200),
  perSecond("1000@50", 1000, 50),
];

/** A closed loop, which shows the throughput. */
export function inFlight(id: string, clients: number, messages: number, rooms = 1): Case {
  return { id, clients, rooms, model: { kind: "closed", window: messages } };
}

/** An open loop, which shows the latency. */
export function perSecond(id: string, clients: number, rate: number): Case {
  return { id, clients, rooms: 1, model: { kind: "open", rate } };
}

/** Describes a case for people. */
export function describe({ clients, rooms, model }: Case): string {
  const who = `${clients.toLocaleString("en-US")} clients`;
  const where = rooms === 1 ? who : `${who} in ${rooms.toLocaleString("en-US")} rooms`;
  return model.kind === "closed"
    ? `${where}, ${model.window.toLocaleString("en-US")} messages in flight`
    : `${where}, ${model.rate.toLocaleString("en-US")} messages a second`;
}
