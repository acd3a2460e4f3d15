/**
 * WebSocket frames (RFC 6455 §5.2), as far as a load generator needs them. The runtime's WebSocket
 * client would be the bottleneck long before the server. Imports nothing.
 *
 * @module
 */

/** The types of frames (RFC 6455 §5.2). */
export const Opcode = { Continuation: 0, Text: 1, Binary: 2, Close: 8, Ping: 9, Pong: 10 } as const;

/** Length of the masking key in bytes. */
const KEY_LENGTH = 4;

/** Maximum length of a server's header: two bytes, and eight for the length. */
const MAX_HEADER = 10;

/** Maximum payload of a control frame (RFC 6455 §5.5). */
const MAX_CONTROL = 125;

/** Makes a frame of a client: final and masked. */
export function clientFrame(opcode: number, payload: Uint8Array, key: Uint8Array): Uint8Array {
  const { length } = payload;
  const extra = length < 126 ? 0 : length < 65_536 ? 2 : 8;
  const frame = new Uint8Array(2 + extra + KEY_LENGTH + length);
  const view = new DataView(frame.buffer);
  frame[0] = 0x80 | opcode;
  frame[1] = 0x80 | (extra === 0 ? length : extra === 2 ? 126 : 127);
  if (extra === 2) view.setUint16(2, length);
  if (extra === 8) view.setBigUint64(2, BigInt(length));
  frame.set(key.subarray(0, KEY_LENGTH), 2 + extra);
  const start = frame.length - length;
  for (let i = 0; i < length; i++) frame[start + i] = payload[i]! ^ key[i % KEY_LENGTH]!;
  return frame;
}

/** Receives the contents of frames. */
export interface FrameSink {
  /** A piece of a message's payload: the bytes from `start` up to `end`, valid during the call. */
  payload(bytes: Uint8Array, start: number, end: number): void;
  /** The end of a data frame. */
  frameEnd(): void;
  /** A close, ping or pong frame. */
  control(opcode: number, payload: Uint8Array): void;
}

/** Parses the frames of one connection, in whatever pieces they arrive. */
export class FrameParser {
  readonly #sink: FrameSink;
  readonly #header = new Uint8Array(MAX_HEADER);
  #headerLength = 0;
  #opcode = 0;
  /** Bytes of the current frame's payload that are still to come; 0 between frames. */
  #left = 0;
  #control: number[] = [];

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /**
   * Parses the next bytes of the connection.
   *
   * @throws {Error} if they are not valid frames of a server
   */
  feed(bytes: Uint8Array): void {
    let at = 0;
    while (at < bytes.length) {
      if (this.#left === 0) {
        this.#header[this.#headerLength++] = bytes[at++]!;
        if (this.#headerLength === headerLength(this.#header, this.#headerLength)) this.#begin();
        continue;
      }
      const end = Math.min(bytes.length, at + this.#left);
      if (this.#opcode < Opcode.Close) this.#sink.payload(bytes, at, end);
      else for (let i = at; i < end; i++) this.#control.push(bytes[i]!);
      this.#left -= end - at;
      at = end;
      if (this.#left === 0) this.#end();
    }
  }

  /** The header is complete. */
  #begin(): void {
    const [first = 0, second = 0] = this.#header;
    this.#opcode = first & 15;
    this.#left = payloadLength(this.#header);
    this.#headerLength = 0;
    if ((first & 0x70) !== 0) throw new Error("Cannot read frame: reserved bits are set");
    if ((second & 0x80) !== 0) throw new Error("Cannot read frame: a server's frame is masked");
    if (this.#opcode >= Opcode.Close && this.#left > MAX_CONTROL) {
      throw new Error(`Cannot read frame: a control frame has ${this.#left} bytes`);
    }
    if (this.#left === 0) this.#end();
  }

  #end(): void {
    if (this.#opcode < Opcode.Close) return this.#sink.frameEnd();
    const payload = Uint8Array.from(this.#control);
    this.#control = [];
    this.#sink.control(this.#opcode, payload);
  }
}

/** Length of a header of which the first `known` bytes have arrived. */
function headerLength(header: Uint8Array, known: number): number {
  if (known < 2) return 2;
  const length = header[1]! & 127;
  return length < 126 ? 2 : length === 126 ? 4 : MAX_HEADER;
}

function payloadLength(header: Uint8Array): number {
  const length = header[1]! & 127;
  if (length < 126) return length;
  if (length === 126) return (header[2]! << 8) | header[3]!;
  let long = 0;
  for (let i = 2; i < MAX_HEADER; i++) long = long * 256 + header[i]!;
  return long;
}
