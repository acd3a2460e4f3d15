/**
 * The half of `ws` that receives, where it has to be bounded while a connection is open. `ws` takes its limits
 * when it is made and has no public way to change them or to ask what it holds, so this reaches inside: the
 * version is pinned, and a test fails if what is named here goes away.
 *
 * @module
 */
import type { Buffer } from "node:buffer";
import type { Duplex, Writable } from "node:stream";
// @ts-types="npm:@types/ws@8.18.2"
import type { WebSocket } from "ws";
import type { HeldBytes } from "./held_bytes.ts";

/** A message may come in this many parts, and one more for each so many bytes of the maximum message. */
const MIN_PARTS = 64;
const PART_BYTES = 512;

/** What a part of an unfinished message costs beside its bytes: the objects that keep it. */
const PART_OVERHEAD_BYTES = 256;

/** What is used of `Receiver` of `ws` 8.23. */
interface WsReceiver extends Writable {
  /** Limits: bytes of a message, frames of a message, chunks of a frame. */
  _maxPayload: number;
  _maxFragments: number;
  _maxBufferedChunks: number;
  /** Bytes of a frame that has begun; the opcode of a message that has begun, or 0. */
  readonly _bufferedBytes: number;
  readonly _fragmented: number;
}

const FIELDS = [
  "_maxPayload",
  "_maxFragments",
  "_maxBufferedChunks",
  "_bufferedBytes",
  "_fragmented",
];

function isReceiver(value: unknown): value is WsReceiver {
  return typeof value === "object" && value !== null &&
    FIELDS.every((name) => typeof Reflect.get(value, name) === "number");
}

/** Whose memory it is. */
export interface HeldBy {
  readonly held: HeldBytes;
  /** By which address the connection is counted; empty: by none. */
  readonly address: string;
}

/** What a connection receives, and what it holds of messages that are not finished. */
export class Receiver {
  readonly #receiver: WsReceiver;
  readonly #by: HeldBy;
  #bytes = 0;

  /**
   * @param overflow called once, when the connection would hold more than the limits allow; from then on what
   *   it sends is thrown away
   * @throws {TypeError} if `ws` is not what this was written for
   */
  constructor(webSocket: WebSocket, connection: Duplex, by: HeldBy, overflow: () => void) {
    const receiver: unknown = Reflect.get(webSocket, "_receiver");
    if (!isReceiver(receiver)) throw new TypeError("Cannot bound a receiver of this version of ws");
    this.#receiver = receiver;
    this.#by = by;
    webSocket.on("message", () => this.#set(0));
    // Behind the listener of `ws`, which has taken the chunk by then.
    connection.on("data", (chunk: Buffer) => {
      const bytes = this.#isBetweenMessages ? 0 : this.#bytes + chunk.length + PART_OVERHEAD_BYTES;
      if (this.#set(bytes)) return;
      connection.removeAllListeners("data");
      queueMicrotask(() => connection.resume());
      overflow();
    });
    connection.once("close", () => this.#set(0));
  }

  /** Maximum size of a message, in bytes. */
  get limit(): number {
    return this.#receiver._maxPayload;
  }

  set limit(bytes: number) {
    const parts = MIN_PARTS + Math.ceil(bytes / PART_BYTES);
    this.#receiver._maxPayload = bytes;
    this.#receiver._maxFragments = parts;
    this.#receiver._maxBufferedChunks = parts;
  }

  /** Sets who is told, before `ws` answers it, that something was received which is not allowed. */
  onError(listener: (error: Error & { readonly code?: string }) => void): void {
    this.#receiver.prependListener("error", listener);
  }

  get #isBetweenMessages(): boolean {
    return this.#receiver._bufferedBytes === 0 && this.#receiver._fragmented === 0;
  }

  /** Returns whether what is held now is within the limits. */
  #set(bytes: number): boolean {
    if (bytes === this.#bytes) return true;
    const grown = bytes - this.#bytes;
    this.#bytes = bytes;
    return this.#by.held.add(this.#by.address, grown) || grown < 0;
  }
}
