/**
 * Requests that are being answered: peers that send a body, or take an answer, too slowly are cut. What is
 * measured is the peer alone: while the server itself does not read or write, time does not count.
 *
 * @module
 */
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Duplex } from "node:stream";
import { steadyNow } from "../../clock/steady.ts";
import type { Refusals } from "../../log/refusals.ts";
import { clientIp } from "../address.ts";

/** A peer that is waited for must move this many bytes in this many milliseconds: 1 KiB a second. */
const WINDOW_MS = 30_000;
const WINDOW_BYTES = 30 * 1024;

/** What waits to be written may take longer, a millisecond for so many bytes: it shows only when it is gone. */
const BYTES_PER_MS = 4;

/** Requests that a connection may send before the first of them is answered. */
const MAX_PIPELINED = 16;

/** How much a peer has moved, and when it was last seen to do its part. */
interface Progress {
  readonly incoming: IncomingMessage;
  bytes: number;
  since: number;
}

/** Watches requests until they are answered. */
export class RequestWatch {
  readonly #refusals: Refusals;
  readonly #requests = new Map<ServerResponse, Progress>();
  /** How many requests of a connection are to be answered. */
  readonly #waiting = new WeakMap<Duplex, number>();

  constructor(refusals: Refusals) {
    this.#refusals = refusals;
  }

  /** Watches a request. Returns false, and ends the connection, if too many of it are to be answered. */
  add(incoming: IncomingMessage, outgoing: ServerResponse, now: number = steadyNow()): boolean {
    const { socket } = incoming;
    const waiting = (this.#waiting.get(socket) ?? 0) + 1;
    if (waiting > MAX_PIPELINED) {
      const ip = clientIp(socket.remoteAddress ?? "");
      if (!socket.destroyed) this.#refusals.note({ reason: "rate", ip, detail: "pipelining" });
      socket.destroy();
      return false;
    }
    this.#waiting.set(socket, waiting);
    this.#requests.set(outgoing, { incoming, bytes: movedBytes(incoming), since: now });
    outgoing.once("close", () => {
      this.#waiting.set(socket, (this.#waiting.get(socket) ?? 1) - 1);
      this.#requests.delete(outgoing);
    });
    return true;
  }

  /** Whether a request that came over this connection is being answered. */
  isAnswering(connection: Duplex): boolean {
    return this.#over(connection).length > 0;
  }

  /** Resolves once the requests that came before over this connection are answered. */
  async answered(connection: Duplex): Promise<void> {
    await Promise.all(
      this.#over(connection).map((outgoing) => {
        return new Promise<void>((resolve) => outgoing.once("close", () => resolve()));
      }),
    );
  }

  #over(connection: Duplex): ServerResponse[] {
    const over: ServerResponse[] = [];
    for (const [outgoing, { incoming }] of this.#requests) {
      if (incoming.socket === connection) over.push(outgoing);
    }
    return over;
  }

  /** Cuts the peers that are too slow. To be called every few seconds. */
  sweep(now: number = steadyNow()): void {
    for (const progress of this.#requests.values()) {
      const { incoming, bytes, since } = progress;
      const patience = Math.max(WINDOW_MS, incoming.socket.writableLength / BYTES_PER_MS);
      if (isWaiting(incoming) && now - since < patience) continue;
      if (isWaiting(incoming) && movedBytes(incoming) - bytes < WINDOW_BYTES) {
        const ip = clientIp(incoming.socket.remoteAddress ?? "");
        this.#refusals.note({ reason: "timeout", ip, detail: "a slow body" });
        incoming.socket.destroy();
        continue;
      }
      progress.bytes = movedBytes(incoming);
      progress.since = now;
    }
  }
}

/** Whether it is the peer's turn: to send the body, or to read the answer. */
function isWaiting({ complete, readableLength, socket }: IncomingMessage): boolean {
  return !complete && readableLength === 0 || socket.writableLength > 0;
}

/** Bytes that have gone over the connection in both directions. */
function movedBytes({ socket }: IncomingMessage): number {
  return socket.bytesRead + socket.bytesWritten - socket.writableLength;
}
