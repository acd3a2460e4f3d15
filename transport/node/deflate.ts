/**
 * permessage-deflate (RFC 7692) without context takeover in either direction: a frame is compressed once for
 * all who receive it, and no connection keeps a window.
 *
 * Both directions are synchronous. A frame of 256 KiB takes half a millisecond, much less than to write it to
 * everybody; whatever was compressed in the background would have to wait for its turn in each connection.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { constants, deflateRawSync, inflateRawSync } from "node:zlib";
// @ts-types="npm:@types/ws@8.18.2"
import type { PerMessageDeflateOptions, WebSocket } from "ws";
import { encodeFrame } from "../frame.ts";
import type { Frame } from "../socket.ts";

/** Smaller frames are sent as they are: a single message shrinks by a sixth, and fits one packet either way. */
const MIN_BYTES = 256;

/** Larger frames are sent as they are: to compress them would hold up everybody. */
const MAX_BYTES = 1024 * 1024;

/** Of zlib's 1 to 9: beyond this it takes five times as long for a sixth less. */
const LEVEL = 2;

/** The window of a compressed frame, as a power of two: a client that wants a smaller one gets no compressed frames. */
const WINDOW_BITS = 15;

/** Marks a frame as compressed: RSV1 (RFC 7692 §6). */
const COMPRESSED = 0x40;

/** What a sender leaves off the end, and a receiver puts there again (RFC 7692 §7.2). */
const TRAILER = Buffer.from([0x00, 0x00, 0xff, 0xff]);

const NAME = "permessage-deflate";

/** What `ws` negotiates. */
export const NEGOTIATION: PerMessageDeflateOptions = {
  serverNoContextTakeover: true,
  clientNoContextTakeover: true,
};

/** The frames that were compressed, or were no smaller for it, as long as somebody is to receive them. */
const compressed = new WeakMap<Frame, Uint8Array>();

/** The whole frame as it is sent to whoever takes compressed ones. The same bytes for all. */
export function deflatedWire(frame: Frame): Uint8Array {
  if (frame.bytes < MIN_BYTES || frame.bytes > MAX_BYTES) return frame.wire;
  let wire = compressed.get(frame);
  if (wire === undefined) compressed.set(frame, wire = deflate(frame));
  return wire;
}

function deflate({ wire, bytes }: Frame): Uint8Array {
  const flushed = deflateRawSync(wire.subarray(wire.length - bytes), {
    level: LEVEL,
    windowBits: WINDOW_BITS,
    finishFlush: constants.Z_SYNC_FLUSH,
  });
  const length = flushed.length - TRAILER.length;
  if (length >= bytes) return wire;
  const deflated = encodeFrame(flushed.subarray(0, length), length);
  deflated[0] = (wire[0] ?? 0) | COMPRESSED;
  return deflated;
}

/** A message that was compressed and cannot be read; `code` as `ws` gives it to its own errors. */
export class InflateError extends Error {
  override readonly name = "InflateError";
  readonly code: string;

  constructor(cause: unknown) {
    super("Invalid compressed message", { cause });
    const isTooLarge = cause instanceof Error && "code" in cause &&
      cause.code === "ERR_BUFFER_TOO_LARGE";
    this.code = isTooLarge ? "WS_ERR_UNSUPPORTED_MESSAGE_LENGTH" : "WS_ERR_INVALID_DEFLATE";
  }
}

/** Takes the place of the class in `ws` that inflates, which keeps a window for each connection. */
class Inflater {
  readonly #limit: () => number;
  #fragments: Uint8Array[] = [];

  /** @param limit maximum size of a message, in bytes */
  constructor(limit: () => number) {
    this.#limit = limit;
  }

  /** Called by `ws` with each fragment of a compressed message; only the last one has a result. */
  decompress(
    data: Uint8Array,
    isLast: boolean,
    callback: (error: Error | null, data?: Buffer) => void,
  ): void {
    this.#fragments.push(data);
    // Later, because `ws` goes on with its next frame from the callback.
    if (!isLast) return queueMicrotask(() => callback(null, Buffer.alloc(0)));
    const whole = Buffer.concat([...this.#fragments, TRAILER]);
    this.#fragments = [];
    queueMicrotask(() => {
      let message: Buffer;
      try {
        message = inflateRawSync(whole, {
          finishFlush: constants.Z_SYNC_FLUSH,
          maxOutputLength: this.#limit(),
        });
      } catch (error) {
        return callback(new InflateError(error));
      }
      callback(null, message);
    });
  }

  /** Called by `ws` when the connection has ended. */
  cleanup(): void {
    this.#fragments = [];
  }
}

/**
 * Takes over the compression of a socket, if it was negotiated.
 *
 * @param limit maximum size of a message that is received, in bytes
 * @returns whether compressed frames may be sent
 * @throws {TypeError} if `ws` is not what this was written for
 */
export function takeOverDeflate(webSocket: WebSocket, limit: () => number): boolean {
  const extensions: unknown = Reflect.get(webSocket, "_extensions");
  if (typeof extensions !== "object" || extensions === null) throw wrongVersion();
  if (!Object.hasOwn(extensions, NAME)) return false;
  const extension: unknown = Reflect.get(extensions, NAME);
  if (typeof extension !== "object" || extension === null) throw wrongVersion();
  const params: unknown = Reflect.get(extension, "params");
  if (typeof params !== "object" || params === null) throw wrongVersion();
  Reflect.set(extensions, NAME, new Inflater(limit));
  const bits: unknown = Reflect.get(params, "server_max_window_bits");
  return bits === undefined || bits === WINDOW_BITS;
}

function wrongVersion(): TypeError {
  return new TypeError("Cannot compress with this version of ws");
}
