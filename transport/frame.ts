/**
 * A WebSocket message, made once and shared by all who receive it.
 *
 * @module
 */
import { Buffer } from "node:buffer";

/** Largest payload whose length fits the first byte pair of a frame, and the next field (RFC 6455 §5.2). */
const MAX_SHORT = 125;
const MAX_MEDIUM = 0xffff;

/** First byte of an unfragmented frame: FIN and the opcode of text, or of binary (RFC 6455 §5.2). */
const TEXT_FRAME = 0x81;
const BINARY_FRAME = 0x82;

const encoder = new TextEncoder();

/** Text or bytes on their way out. What transports make of them is made once, when first needed. */
export class Frame {
  /** A string goes out as text, bytes as binary. */
  readonly data: string | Uint8Array;
  #bytes = -1;
  #wire: Uint8Array | undefined;

  constructor(data: string | Uint8Array) {
    this.data = data;
  }

  /** Size of the payload, in bytes. */
  get bytes(): number {
    if (this.#bytes < 0) {
      this.#bytes = typeof this.data === "string"
        ? Buffer.byteLength(this.data)
        : this.data.byteLength;
    }
    return this.#bytes;
  }

  /** The whole frame as a server sends it: header and unmasked payload. */
  get wire(): Uint8Array {
    return this.#wire ??= this.#encode();
  }

  #encode(): Uint8Array {
    const length = this.bytes;
    const header = length <= MAX_SHORT ? 2 : length <= MAX_MEDIUM ? 4 : 10;
    const wire = new Uint8Array(header + length);
    const view = new DataView(wire.buffer);
    wire[0] = typeof this.data === "string" ? TEXT_FRAME : BINARY_FRAME;
    if (header === 2) wire[1] = length;
    else if (header === 4) {
      wire[1] = 126;
      view.setUint16(2, length);
    } else {
      wire[1] = 127;
      view.setBigUint64(2, BigInt(length));
    }
    const payload = wire.subarray(header);
    if (typeof this.data === "string") encoder.encodeInto(this.data, payload);
    else payload.set(this.data);
    return wire;
  }
}

/** Makes a frame of text or bytes. */
export function toFrame(data: string | Uint8Array): Frame {
  return new Frame(data);
}
