/**
 * WebSocket frames as a client sends them, right and wrong, and those that a server sends, read back.
 *
 * @module
 */

/** Opcodes (RFC 6455 §5.2). */
export const OP = { more: 0, text: 1, binary: 2, close: 8, ping: 9, pong: 10 } as const;

/** What may be wrong with a frame. */
export interface FrameOptions {
  /** Default: true, the last of its message. */
  readonly fin?: boolean;
  /** The three reserved bits, as a number. Default: 0. */
  readonly rsv?: number;
  /** Default: true, as a client must. */
  readonly masked?: boolean;
  /** Bytes of the length: 1, 2 or 8. Default: as few as will do. */
  readonly lengthBytes?: 1 | 2 | 8;
  /** The length that is told, if it is not that of the payload. */
  readonly length?: bigint;
}

const MASK = Uint8Array.of(0x12, 0x34, 0x56, 0x78);
const encoder = new TextEncoder();

/** Bytes of UTF-8. */
export function utf8(text: string): Uint8Array {
  return encoder.encode(text);
}

/** One after the other. */
export function join(...parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}

/** A frame. */
export function frame(
  opcode: number,
  content: string | Uint8Array = "",
  { fin = true, rsv = 0, masked = true, length, ...options }: FrameOptions = {},
): Uint8Array {
  const payload = typeof content === "string" ? utf8(content) : content;
  const told = length ?? BigInt(payload.length);
  const lengthBytes = options.lengthBytes ?? (told < 126n ? 1 : told < 65536n ? 2 : 8);
  const header = new Uint8Array(lengthBytes === 1 ? 2 : 2 + lengthBytes);
  const view = new DataView(header.buffer);
  view.setUint8(0, (fin ? 0x80 : 0) | rsv << 4 | opcode);
  const code = lengthBytes === 1 ? Number(told) : lengthBytes === 2 ? 126 : 127;
  view.setUint8(1, (masked ? 0x80 : 0) | code);
  if (lengthBytes === 2) view.setUint16(2, Number(told));
  if (lengthBytes === 8) view.setBigUint64(2, told);
  if (!masked) return join(header, payload);
  return join(header, MASK, payload.map((byte, index) => byte ^ MASK[index % 4]!));
}

/** A close frame with a code. */
export function closeFrame(code: number, reason: string | Uint8Array = ""): Uint8Array {
  const bytes = typeof reason === "string" ? utf8(reason) : reason;
  return frame(OP.close, join(Uint8Array.of(code >> 8, code & 0xff), bytes));
}

/** A message in fragments. */
export function fragments(opcode: number, ...parts: readonly (string | Uint8Array)[]): Uint8Array {
  return join(
    ...parts.map((part, index) =>
      frame(index === 0 ? opcode : OP.more, part, { fin: index === parts.length - 1 })
    ),
  );
}

/** A frame of the server. */
export interface ServerFrame {
  readonly first: number;
  readonly payload: Uint8Array;
}

/** Reads the whole frames at the beginning. A server does not mask. */
export function readFrames(bytes: Uint8Array): ServerFrame[] {
  const frames: ServerFrame[] = [];
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  while (at + 2 <= bytes.length) {
    const code = view.getUint8(at + 1);
    const extra = code === 126 ? 2 : code === 127 ? 8 : 0;
    if (at + 2 + extra > bytes.length) break;
    const length = extra === 2
      ? view.getUint16(at + 2)
      : extra === 8
      ? Number(view.getBigUint64(at + 2))
      : code;
    const start = at + 2 + extra;
    if (start + length > bytes.length) break;
    frames.push({ first: view.getUint8(at), payload: bytes.subarray(start, start + length) });
    at = start + length;
  }
  return frames;
}
