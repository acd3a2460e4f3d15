/**
 * The second transport's socket: npm's `ws` behind the members of `Socket`. All receivers of a frame
 * share its bytes: they are written past `ws` to the TCP connection itself. `ws` does the same with a frame
 * that is neither masked nor compressed, after copying its header.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import type { Duplex } from "node:stream";
import { getLogger } from "@logtape/logtape";
// @ts-types="npm:@types/ws@8.18.2"
import type { RawData, WebSocket } from "ws";
import { steadyNow } from "../../clock/steady.ts";
import { TokenBucket } from "../../limits/token_bucket.ts";
import type { RefusalReason, Refusals } from "../../log/refusals.ts";
import type { Accepted, Frame, Socket, SocketListener } from "../socket.ts";
import { deflatedWire, takeOverDeflate } from "./deflate.ts";
import { type HeldBy, Receiver } from "./receiver.ts";

const logger = getLogger(["hubbub", "transport"]);

/** Time for a peer to complete the closing handshake, in milliseconds. */
export const CLOSE_TIMEOUT_MS = 2000;

/** Longest pause in reading, in milliseconds. */
const MAX_PAUSE_MS = 1000;

/** Pings and pongs that a peer may send: so many a second on average, and so many at once. */
const CONTROL_FRAME_RATE = 20;
export const CONTROL_FRAME_BURST = 200;

/** What a socket needs beside the socket of `ws`. */
export interface NodeSocketOptions {
  /** The TCP connection under the socket; nobody else may write to it. */
  readonly connection: Duplex;
  readonly accepted: Accepted;
  readonly heldBy: HeldBy;
  readonly refusals: Refusals;
  readonly ip: string;
}

/** A socket of npm's `ws`. */
export class NodeSocket implements Socket {
  readonly #socket: WebSocket;
  readonly #options: NodeSocketOptions;
  readonly #connection: Duplex;
  readonly #receiver: Receiver;
  readonly #wireOf: (frame: Frame) => Uint8Array;
  readonly #controlFrames = new TokenBucket(CONTROL_FRAME_RATE, CONTROL_FRAME_BURST, steadyNow());
  #listener: SocketListener | undefined;
  #closing = false;
  /** A pause in reading: when it began and ends, and what ends it. */
  #pause: { from: number; until: number; timer: ReturnType<typeof setTimeout> } | undefined;
  /** Messages that had been read before a pause: at most those of one chunk. */
  #unheard: (string | Uint8Array)[] = [];
  /** Tells of the end, once it is there. */
  #finish: (() => void) | undefined;
  #alive = true;

  constructor(socket: WebSocket, options: NodeSocketOptions) {
    const { connection, heldBy, accepted } = options;
    this.#socket = socket;
    this.#options = options;
    this.#connection = connection;
    socket.on("message", (data, isBinary) => this.#received(data, isBinary));
    this.#receiver = new Receiver(socket, connection, heldBy, () => {
      this.#refuse("memory", 1013, "Too much memory is held by unfinished messages");
    });
    this.#receiver.limit = accepted.maxPayload;
    this.#receiver.onError((error) => this.#failed(error));
    connection.on("data", (chunk: Buffer) => {
      // A message that takes long to arrive is a sign of life, too.
      this.#alive = true;
      const wait = accepted.pace?.(chunk.length) ?? 0;
      if (wait > 0) this.pauseReading(wait);
    });
    const deflates = takeOverDeflate(socket, () => this.#receiver.limit);
    this.#wireOf = deflates ? deflatedWire : ({ wire }) => wire;
    socket.on("ping", () => this.#countControlFrame());
    socket.on("pong", () => {
      this.#alive = true;
      this.#countControlFrame();
    });
    socket.on("close", (code, reason) => this.#gone(code, reason.toString()));
    // A protocol error, which was answered, or a connection that broke.
    socket.on("error", () => {});
    // A peer that has closed its half and does not read would keep the other half open.
    connection.once("end", () => {
      const timer = setTimeout(() => connection.destroy(), CLOSE_TIMEOUT_MS);
      connection.once("close", () => clearTimeout(timer));
    });
  }

  get bufferedAmount(): number {
    return this.#connection.writableLength;
  }

  limitPayload(bytes: number): void {
    this.#receiver.limit = bytes;
  }

  pauseReading(ms: number): void {
    const now = steadyNow();
    const { from = now, until: before = now, timer } = this.#pause ?? {};
    const until = Math.min(now + ms, from + MAX_PAUSE_MS);
    if (until <= before) return;
    clearTimeout(timer);
    this.#socket.pause();
    this.#pause = { from, until, timer: setTimeout(() => this.#resume(), until - now) };
  }

  /** Goes on with what had been read before; that may lead to the next pause. */
  #resume(): void {
    this.#pause = undefined;
    while (this.#pause === undefined) {
      const data = this.#unheard.shift();
      if (data !== undefined) this.#deliver(data);
      else return this.#finish === undefined ? this.#socket.resume() : this.#finish();
    }
  }

  listen(listener: SocketListener): void {
    this.#listener = listener;
  }

  send(frame: Frame): void {
    if (this.#closing || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#connection.write(this.#wireOf(frame));
  }

  /** `ws` ends the connection if the closing handshake takes too long (`closeTimeout`). */
  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#unheard = [];
    this.#socket.close(code, reason);
  }

  /** Heartbeat: ends the connection if the peer was silent since the last call, otherwise pings. */
  ping(): void {
    // It may have answered what has not been read yet.
    if (this.#pause !== undefined || this.#unheard.length > 0) return;
    if (!this.#alive) {
      this.#note("timeout", "no pong");
      return this.#socket.terminate();
    }
    this.#alive = false;
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  #received(data: RawData, isBinary: boolean): void {
    if (this.#closing) return;
    const message = isBinary ? toBytes(data) : data.toString();
    if (this.#pause === undefined) this.#deliver(message);
    else this.#unheard.push(message);
  }

  #deliver(message: string | Uint8Array): void {
    this.#guard(() => this.#listener?.message(message));
  }

  #countControlFrame(): void {
    if (this.#closing || this.#controlFrames.take(steadyNow()) === 0) return;
    this.#refuse("abuse", 1008, "Too many pings or pongs");
  }

  /** What was received breaks the protocol or is too large. Gives a reason before `ws` closes without one. */
  #failed({ message, code = "" }: Error & { readonly code?: string }): void {
    switch (code) {
      case "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH":
      case "WS_ERR_UNSUPPORTED_DATA_PAYLOAD_LENGTH":
        return this.#refuse(
          "too_large",
          1009,
          `Cannot receive message: it is larger than ${this.#receiver.limit} bytes`,
        );
      case "WS_ERR_TOO_MANY_BUFFERED_PARTS":
        return this.#refuse("too_large", 1009, "Cannot receive message: it has too many parts");
      case "WS_ERR_INVALID_UTF8":
      case "WS_ERR_INVALID_DEFLATE":
        return this.#refuse("protocol", 1007, message);
      default:
        return this.#refuse("protocol", 1002, message);
    }
  }

  #refuse(reason: RefusalReason, code: number, explanation: string): void {
    if (this.#closing) return;
    this.#note(reason, `${code} ${explanation}`);
    this.close(code, explanation);
    // `ws` would go on reading, only to throw it away: a flood would cost as much as before. The connection is
    // destroyed in any case, two seconds after `close`.
    clearTimeout(this.#pause?.timer);
    if (reason !== "protocol") setTimeout(() => this.#connection.pause(), 0);
  }

  #note(reason: RefusalReason, detail: string): void {
    const { refusals, ip } = this.#options;
    refusals.note({ reason, ip, detail });
  }

  /** The connection has ended. What was read before counts, as fast as it may be told, for a moment. */
  #gone(code: number, reason: string): void {
    const timer = setTimeout(() => this.#finish?.(), MAX_PAUSE_MS);
    this.#finish = () => {
      this.#finish = undefined;
      this.#unheard = [];
      clearTimeout(timer);
      clearTimeout(this.#pause?.timer);
      this.#guard(() => this.#listener?.closed(code, reason));
      this.#guard(() => this.#options.accepted.gone());
    };
    if (this.#unheard.length === 0) this.#finish();
  }

  /** An exception in a listener would end the process. */
  #guard(listener: () => void): void {
    try {
      listener();
    } catch (error) {
      logger.error("A socket listener failed: {error}", { error });
    }
  }
}

/** The bytes of a message; with the default `binaryType` they come as one buffer. */
function toBytes(data: RawData): Uint8Array {
  if (Array.isArray(data)) return Buffer.concat(data);
  return data instanceof ArrayBuffer ? new Uint8Array(data) : new Uint8Array(data);
}
