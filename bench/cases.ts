/**
 * What is measured in a comparison.
 *
 * @module
 */
import type { Pace } from "./load/talk.ts";

/** One way of loading a server. */
export interface Case {
  /** As `--cases` takes it. */
  readonly id: string;
  readonly clients: number;
  /** The clients are spread evenly over them. */
  readonly rooms: number;
  readonly pace: Pace;
}

/** Bytes of each message: the usual line of a chat. */
export const PAYLOAD = 64;

/** Those of `deno task bench`, where everybody is in one room and talks. */
export const CASES: readonly Case[] = [
  inFlight("100x1000", 100, 1000),
  inFlight("1000x1000", 1000, 1000),
  inFlight("1000x5000", 1000, 5000),
  inFlight("32x32", 32, 32),
  perSecond("100@200", 100, 200),
  perSecond("1000@50", 1000, 50),
];

/** A closed loop: how much a server can do. */
export function inFlight(id: string, clients: number, messages: number, rooms = 1): Case {
  return { id, clients, rooms, pace: { kind: "window", messages } };
}

/** An open loop: how fast a server answers. */
export function perSecond(id: string, clients: number, rate: number): Case {
  return { id, clients, rooms: 1, pace: { kind: "rate", perSecond: rate } };
}

/** What a case is, for people. */
export function describe({ clients, rooms, pace }: Case): string {
  const who = `${clients.toLocaleString("en-US")} clients`;
  const where = rooms === 1 ? who : `${who} in ${rooms.toLocaleString("en-US")} rooms`;
  return pace.kind === "window"
    ? `${where}, ${pace.messages.toLocaleString("en-US")} messages in flight`
    : `${where}, ${pace.perSecond.toLocaleString("en-US")} messages a second`;
}
