/**
 * WebSockets and HTTP by hand, as an attacker writes them: frames are sent as they are, and nothing is awaited
 * that the attacker does not need.
 *
 * @module
 */
import { connect, type Socket } from "node:net";

/** Where the server listens; everything of the attacker comes from 127.0.0.1. */
export interface Target {
  readonly port: number;
}

/** Opcodes of RFC 6455 §5.2. */
export const TEXT = 1;
export const CONTINUATION = 0;
export const PING = 9;

/** Opens a TCP connection; errors are what an attacker expects. */
export function open({ port }: Target): Socket {
  const socket = connect(port, "127.0.0.1");
  socket.on("error", () => {});
  socket.resume();
  return socket;
}

/** Opens a WebSocket. Resolves when the answer has come, whatever it is, or the connection has ended. */
export function openWebSocket(target: Target): Promise<Socket> {
  const socket = open(target);
  socket.write(
    `GET /ws HTTP/1.1\r\nHost: 127.0.0.1:${target.port}\r\nUpgrade: websocket\r\n` +
      "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n" +
      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Protocol: hubbub.v1\r\n\r\n",
  );
  return new Promise((resolve) => {
    socket.once("data", () => resolve(socket));
    socket.once("close", () => resolve(socket));
  });
}

/** A frame with a mask of zeros. */
export function frame(
  payload: string | Uint8Array,
  { opcode = TEXT, fin = true, length }: { opcode?: number; fin?: boolean; length?: number } = {},
): Uint8Array {
  const bytes = typeof payload === "string" ? new TextEncoder().encode(payload) : payload;
  const size = length ?? bytes.length;
  const extended = size < 126 ? 0 : size < 65536 ? 2 : 8;
  const whole = new Uint8Array(2 + extended + 4 + bytes.length);
  const view = new DataView(whole.buffer);
  whole[0] = (fin ? 0x80 : 0) | opcode;
  whole[1] = 0x80 | (extended === 0 ? size : extended === 2 ? 126 : 127);
  if (extended === 2) view.setUint16(2, size);
  if (extended === 8) view.setBigUint64(2, BigInt(size));
  whole.set(bytes, 2 + extended + 4);
  return whole;
}

/** A frame with one line of the protocol. */
export function line(request: object): Uint8Array {
  return frame(JSON.stringify(request));
}

/** Writes unless the connection has ended; `false` if it has or more is waiting than the system takes. */
export function write(socket: Socket, bytes: Uint8Array): boolean {
  return !socket.destroyed && socket.writable && socket.write(bytes);
}
