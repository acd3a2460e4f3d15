/**
 * What goes through the connections of one endpoint, counted. Each connection counts what it sends itself, and
 * they are added up when somebody asks: a number that all connections add to would have each wait for the
 * addition before, which costs more than the addition.
 *
 * @module
 */

/** What one connection counts. Each number only grows. */
export interface SentCounts {
  /** Bytes that were given to the socket. */
  readonly sentBytes: number;
  /** Events that were delivered: one that a hundred receive counts a hundred times. */
  readonly deliveries: number;
}

/** Counts for all connections of an endpoint. */
export class Traffic {
  /** Frames and bytes of messages that arrived, read or not. */
  receivedFrames = 0;
  receivedBytes = 0;
  readonly #open = new Set<SentCounts>();
  /** What those have sent that are gone. */
  #sentBytes = 0;
  #deliveries = 0;

  /** Number of connections that are open. */
  get connections(): number {
    return this.#open.size;
  }

  /** What has been sent so far. */
  get sent(): SentCounts {
    const sent = { sentBytes: this.#sentBytes, deliveries: this.#deliveries };
    for (const { sentBytes, deliveries } of this.#open) {
      sent.sentBytes += sentBytes;
      sent.deliveries += deliveries;
    }
    return sent;
  }

  received(bytes: number): void {
    this.receivedFrames++;
    this.receivedBytes += bytes;
  }

  /** A connection has opened. */
  opened(counts: SentCounts): void {
    this.#open.add(counts);
  }

  /** A connection is gone, and counts nothing any more. No effect the second time. */
  ended(counts: SentCounts): void {
    if (!this.#open.delete(counts)) return;
    this.#sentBytes += counts.sentBytes;
    this.#deliveries += counts.deliveries;
  }
}
