/**
 * What waits to go out to one connection. The runtime gives no backpressure: `send` never blocks, and
 * whatever a peer does not read piles up inside it. So each frame is held back here, by reference,
 * while the socket has enough to do, and a peer that falls too far behind is given up.
 *
 * @module
 */
import type { Frame } from "../transport/frame.ts";
import type { Socket } from "../transport/socket.ts";

/**
 * Above this many bytes in the socket, frames wait in the outbox instead: there they are shared by
 * all receivers, in the socket each is a copy. Must be less than the limit of an outbox.
 */
export const HIGH_WATER_BYTES = 64 * 1024;

/** How often the frames that are held back are offered again, in milliseconds. */
const RETRY_MS = 5;

/** A peer that has taken nothing for this long, although something waits, is given up: milliseconds. */
const STALL_MS = 30_000;

/** The frames that wait for one connection. */
export class SendQueue {
  readonly #socket: Socket;
  readonly #retryLoop: RetryLoop;
  readonly #limit: number;
  readonly #overflow: () => void;
  #held: Frame[] = [];
  #heldBytes = 0;
  #closed = false;
  /** Least that the peer still had to take, and when that was last undercut. */
  #least = Infinity;
  #progress = 0;

  /**
   * @param limit most bytes that wait for the peer, in the socket and here together
   * @param overflow called once when more would have to wait, or nothing is taken for 30 s
   */
  constructor(socket: Socket, retryLoop: RetryLoop, limit: number, overflow: () => void) {
    this.#socket = socket;
    this.#retryLoop = retryLoop;
    this.#limit = limit;
    this.#overflow = overflow;
  }

  /**
   * Sends a frame, or holds it until the peer has read more. Never waits, never throws.
   *
   * @returns bytes by which what waits in the socket has grown: 0 if the frame was written at once
   */
  push(frame: Frame): number {
    if (this.#closed) return 0;
    const buffered = this.#socket.bufferedAmount;
    if (this.#held.length === 0 && buffered <= HIGH_WATER_BYTES) {
      this.#socket.send(frame);
      return this.#socket.bufferedAmount - buffered;
    }
    if (buffered + this.#heldBytes + frame.bytes > this.#limit) {
      this.#giveUp();
      return 0;
    }
    if (this.#held.length === 0) {
      this.#least = Infinity;
      this.#retryLoop.add(this);
    }
    this.#held.push(frame);
    this.#heldBytes += frame.bytes;
    return 0;
  }

  /**
   * Offers what is held to the socket again.
   *
   * @param now milliseconds of any steady clock
   * @returns whether nothing is held any more
   */
  retry(now: number): boolean {
    let sent = 0;
    while (sent < this.#held.length && this.#socket.bufferedAmount <= HIGH_WATER_BYTES) {
      const frame = this.#held[sent++];
      if (frame === undefined) break;
      this.#socket.send(frame);
      this.#heldBytes -= frame.bytes;
    }
    this.#held.splice(0, sent);
    if (this.#held.length > 0) this.#watch(now, sent > 0);
    return this.#held.length === 0;
  }

  /** Forgets what waits; whatever is pushed from now on is dropped. */
  close(): void {
    this.#closed = true;
    this.#held = [];
    this.#heldBytes = 0;
  }

  #watch(now: number, sent: boolean): void {
    const left = this.#socket.bufferedAmount;
    if (sent || left < this.#least) {
      this.#least = left;
      this.#progress = now;
    } else if (now - this.#progress > STALL_MS) this.#giveUp();
  }

  #giveUp(): void {
    this.close();
    this.#overflow();
  }
}

/** All outboxes in which something waits, offered to their sockets again every few milliseconds. */
export class RetryLoop {
  readonly #waiting = new Set<SendQueue>();
  readonly #schedule: (retry: () => void, ms: number) => void;
  readonly #now: () => number;

  /** @param options a clock and a timer, so that tests need neither patching nor sleeping */
  constructor(
    options: { schedule?: (retry: () => void, ms: number) => void; now?: () => number } = {},
  ) {
    // Wrapped, because Deno 2.5 refuses to have it called as a method.
    this.#schedule = options.schedule ?? ((retry, ms) => setTimeout(retry, ms));
    this.#now = options.now ?? (() => performance.now());
  }

  /** Outboxes in which something waits. */
  get size(): number {
    return this.#waiting.size;
  }

  add(outbox: SendQueue): void {
    if (this.#waiting.size === 0) this.#schedule(() => this.#retry(), RETRY_MS);
    this.#waiting.add(outbox);
  }

  #retry(): void {
    const now = this.#now();
    for (const outbox of this.#waiting) if (outbox.retry(now)) this.#waiting.delete(outbox);
    if (this.#waiting.size > 0) this.#schedule(() => this.#retry(), RETRY_MS);
  }
}
