/**
 * What goes out to connections: events encoded once for all who receive them, the queue of frames in front
 * of each socket, and the pauses in a large flush.
 *
 * The runtime gives no backpressure: `send` never blocks, and whatever a peer does not read piles up
 * inside it. So each frame waits here, by reference, while the socket has enough to write, and a peer
 * that falls too far behind is disconnected.
 *
 * @module
 */
import { setImmediate } from "node:timers";
import type { Codec, EventEncoder, ServerMessage } from "../protocol.ts";
import { Buffer } from "node:buffer";
import { encodeFrame } from "../transport/frame.ts";
import type { Frame, Socket } from "../transport/socket.ts";
import { type SentCounts, Traffic } from "./traffic.ts";

/** A frame whose size and bytes are computed when they are first needed. */
class SharedFrame implements Frame {
  readonly data: string | Uint8Array;
  #bytes = -1;
  #wire: Uint8Array | undefined;

  constructor(data: string | Uint8Array) {
    this.data = data;
  }

  get bytes(): number {
    if (this.#bytes < 0) {
      this.#bytes = typeof this.data === "string"
        ? Buffer.byteLength(this.data)
        : this.data.byteLength;
    }
    return this.#bytes;
  }

  get wire(): Uint8Array {
    return this.#wire ??= encodeFrame(this.data, this.bytes);
  }
}

/** Makes a frame of text or bytes. */
export function toFrame(data: string | Uint8Array): Frame {
  return new SharedFrame(data);
}

/** The same messages for many receivers: encoded at most once by each encoder, and only if needed. */
export class Delivery {
  /** Number of messages. */
  readonly size: number;
  readonly #messages: readonly ServerMessage[];
  readonly #isPersonal: boolean;
  readonly #frames = new Map<EventEncoder, Frame[]>();

  /** @param options `isPersonal`: all receivers are connections of one user */
  constructor(messages: readonly ServerMessage[], { isPersonal = false } = {}) {
    this.size = messages.length;
    this.#messages = messages;
    this.#isPersonal = isPersonal;
  }

  /** The frames for a connection with this codec. */
  frames({ events, personalEvents = events }: Codec): Frame[] {
    const encode = this.#isPersonal ? personalEvents : events;
    let frames = this.#frames.get(encode);
    if (frames === undefined) {
      this.#frames.set(encode, frames = encode(this.#messages).map(toFrame));
    }
    return frames;
  }
}

/**
 * High-water mark: while the socket holds more bytes than this, frames wait in the queue, where all
 * receivers share them; in the socket each is a copy. Must be less than the limit of a queue.
 */
export const HIGH_WATER_BYTES = 64 * 1024;

/** How often queued frames are offered to their sockets again, in milliseconds. */
const RETRY_MS = 5;

/** A peer that has frames waiting and reads nothing for this long is disconnected: milliseconds. */
const STALL_MS = 30_000;

/** The frames that wait for one connection. */
export class SendQueue implements SentCounts {
  /** Bytes that were given to the socket. */
  sentBytes = 0;
  /** Events in what was given to it: whoever pushes counts them. */
  deliveries = 0;
  readonly #socket: Socket;
  readonly #retryLoop: RetryLoop;
  readonly #limit: number;
  readonly #overflow: () => void;
  #queued: Frame[] = [];
  #queuedBytes = 0;
  #closed = false;
  /** Lowest `bufferedAmount` seen, and when it last fell: the stall detector. */
  #lowest = Infinity;
  #lastProgress = 0;

  /**
   * @param limit maximum bytes that wait for the peer, in the socket and in the queue together
   * @param overflow called once, when the limit would be exceeded or the peer has read nothing for 30 s
   */
  constructor(socket: Socket, retryLoop: RetryLoop, limit: number, overflow: () => void) {
    this.#socket = socket;
    this.#retryLoop = retryLoop;
    this.#limit = limit;
    this.#overflow = overflow;
  }

  /** Bytes of the frames that wait. */
  get queuedBytes(): number {
    return this.#queuedBytes;
  }

  /**
   * Sends a frame, or queues it until the peer has read more. Never waits, never throws.
   *
   * @returns bytes by which the socket's buffer has grown: 0 if the frame was written at once
   */
  push(frame: Frame): number {
    if (this.#closed) return 0;
    const buffered = this.#socket.bufferedAmount;
    if (this.#queued.length === 0 && buffered <= HIGH_WATER_BYTES) {
      this.#socket.send(frame);
      this.sentBytes += frame.bytes;
      return this.#socket.bufferedAmount - buffered;
    }
    if (buffered + this.#queuedBytes + frame.bytes > this.#limit) {
      this.#fail();
      return 0;
    }
    if (this.#queued.length === 0) {
      this.#lowest = Infinity;
      this.#retryLoop.add(this);
    }
    this.#queued.push(frame);
    this.#queuedBytes += frame.bytes;
    return 0;
  }

  /**
   * Offers the queued frames to the socket again.
   *
   * @param now milliseconds of any steady clock
   * @returns whether the queue is empty
   */
  retry(now: number): boolean {
    let sent = 0;
    while (sent < this.#queued.length && this.#socket.bufferedAmount <= HIGH_WATER_BYTES) {
      const frame = this.#queued[sent++];
      if (frame === undefined) break;
      this.#socket.send(frame);
      this.sentBytes += frame.bytes;
      this.#queuedBytes -= frame.bytes;
    }
    this.#queued.splice(0, sent);
    if (this.#queued.length > 0) this.#detectStall(now, sent > 0);
    return this.#queued.length === 0;
  }

  /** Drops the queued frames, and every frame pushed from now on. */
  close(): void {
    this.#closed = true;
    this.#queued = [];
    this.#queuedBytes = 0;
  }

  #detectStall(now: number, sent: boolean): void {
    const buffered = this.#socket.bufferedAmount;
    if (sent || buffered < this.#lowest) {
      this.#lowest = buffered;
      this.#lastProgress = now;
    } else if (now - this.#lastProgress > STALL_MS) this.#fail();
  }

  #fail(): void {
    this.close();
    this.#overflow();
  }
}

/** Retries all queues of an endpoint that hold frames, every few milliseconds; counts what goes out. */
export class RetryLoop {
  /** What goes through the connections whose queues these are. */
  readonly traffic = new Traffic();
  readonly #waiting = new Set<SendQueue>();
  readonly #schedule: (retry: () => void, ms: number) => void;
  readonly #now: () => number;

  /** @param options a timer and a steady clock, so that tests need neither patching nor sleeping */
  constructor(
    options: { schedule?: (retry: () => void, ms: number) => void; now?: () => number } = {},
  ) {
    // Wrapped, because Deno 2.5 refuses to have it called as a method.
    this.#schedule = options.schedule ?? ((retry, ms) => setTimeout(retry, ms));
    this.#now = options.now ?? (() => performance.now());
  }

  /** Number of queues that hold frames. */
  get size(): number {
    return this.#waiting.size;
  }

  /** Bytes of the frames that wait in all queues. */
  get queuedBytes(): number {
    let bytes = 0;
    for (const queue of this.#waiting) bytes += queue.queuedBytes;
    return bytes;
  }

  add(queue: SendQueue): void {
    if (this.#waiting.size === 0) this.#schedule(() => this.#retry(), RETRY_MS);
    this.#waiting.add(queue);
  }

  #retry(): void {
    const now = this.#now();
    for (const queue of this.#waiting) if (queue.retry(now)) this.#waiting.delete(queue);
    if (this.#waiting.size > 0) this.#schedule(() => this.#retry(), RETRY_MS);
  }
}

/**
 * A flush of up to so many bytes of copies goes out without pauses: to begin the next batch sooner is
 * worth more than the cache (100 members: 1.08 times the deliveries).
 */
const FREE_BYTES = 8 * 1024 * 1024;

/** Bytes of copies after which the runtime gets time to write them: a part of a processor's own cache. */
const SLICE_BYTES = 128 * 1024;

/** Resolves in a later task, once the runtime has written what it can and received what has arrived. */
export function macrotask(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}

/**
 * Slows a large flush down to the rate at which the runtime writes it.
 *
 * The runtime's own WebSocket copies a frame for each connection as soon as it is sent, and writes
 * the copies once the loop gives it time. A thousand copies of a long frame no longer fit the
 * processor's cache, so that each would be written to memory, and read from there again. With a pause
 * after every few, a copy is still in the cache when it is written: 1,000 members get 1.8 times the
 * deliveries.
 */
export class FlushThrottle {
  readonly #pause: () => Promise<void>;
  /** Bytes of copies until the next pause. */
  #allowance = FREE_BYTES;

  /** @param pause gives the runtime time to write */
  constructor(pause: () => Promise<void> = macrotask) {
    this.#pause = pause;
  }

  /** A new flush begins. */
  begin(): void {
    this.#allowance = FREE_BYTES;
  }

  /**
   * Counts bytes that the runtime was given and has not yet written.
   *
   * @returns whether it is time for {@linkcode pause}
   */
  give(bytes: number): boolean {
    this.#allowance -= bytes;
    return this.#allowance <= 0;
  }

  /** Lets the runtime write what it was given. */
  pause(): Promise<void> {
    this.#allowance = SLICE_BYTES;
    return this.#pause();
  }
}
