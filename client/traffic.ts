/**
 * What goes through the connections of one endpoint, counted: each number only grows, but for `connections`.
 *
 * @module
 */

/** Numbers that connections add to. */
export class Traffic {
  /** Connections that are open. */
  connections = 0;
  /** Frames and bytes of messages that arrived, read or not. */
  receivedFrames = 0;
  receivedBytes = 0;
  /** Frames and bytes that were given to sockets. */
  sentFrames = 0;
  sentBytes = 0;
  /** Events that were delivered: one that a hundred receive counts a hundred times. */
  deliveries = 0;

  received(bytes: number): void {
    this.receivedFrames++;
    this.receivedBytes += bytes;
  }

  sent(bytes: number): void {
    this.sentFrames++;
    this.sentBytes += bytes;
  }
}
