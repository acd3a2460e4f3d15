/**
 * What the server counts about itself: the contract, handed in like the clock. Whoever counts knows these
 * methods; where the figures go is decided at the start. A metric is one method here, and its name and
 * help text in `prometheus.ts`.
 *
 * @module
 */

/** Takes figures. Methods cost next to nothing, and never throw. */
export interface Metrics {
  /** A connection opened. */
  connectionOpened(): void;
  /** A connection that was opened has ended, with this close code. */
  connectionEnded(code: number): void;
  /**
   * The hub finished a batch.
   *
   * @param batch.requests requests and other commands in it
   * @param batch.changes changes that the store committed, or failed to commit
   * @param batch.seconds how long it took, the delivery of its events included
   */
  batchDone(batch: { requests: number; changes: number; seconds: number }): void;
  /** The store could not commit a batch. */
  commitFailed(): void;
}

/** Takes figures and forgets them. */
export const NO_METRICS: Metrics = {
  connectionOpened() {},
  connectionEnded() {},
  batchDone() {},
  commitFailed() {},
};
