/**
 * The bytes of a WebSocket frame, for transports that write them themselves.
 *
 * @module
 */
/** Largest payload whose length fits the first byte pair of a frame, and the next field (RFC 6455 §5.2). */
const MAX_SHORT = 125;
const MAX_MEDIUM = 0xffff;

/** First byte of an unfragmented frame: FIN and the opcode of text, or of binary (RFC 6455 §5.2). */
const TEXT_FRAME = 0x81;
const BINARY_FRAME = 0x82;

const encoder = new TextEncoder();

/** Encodes a whole frame as a server sends it: header and unmasked payload. A string is sent as text. */
export function encodeFrame(data: string | Uint8Array, length: number): Uint8Array {
  const header = length <= MAX_SHORT ? 2 : length <= MAX_MEDIUM ? 4 : 10;
  const wire = new Uint8Array(header + length);
  const view = new DataView(wire.buffer);
  wire[0] = typeof data === "string" ? TEXT_FRAME : BINARY_FRAME;
  if (header === 2) wire[1] = length;
  else if (header === 4) {
    wire[1] = 126;
    view.setUint16(2, length);
  } else {
    wire[1] = 127;
    view.setBigUint64(2, BigInt(length));
  }
  const payload = wire.subarray(header);
  if (typeof data === "string") encoder.encodeInto(data, payload);
  else payload.set(data);
  return wire;
}
