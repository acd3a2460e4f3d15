/**
 * The second transport's socket: npm's `ws` behind the four members of `Socket`. All receivers of a frame
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
import type { Accepted, Frame, Socket, SocketListener } from "../socket.ts";

const logger = getLogger(["hubbub", "transport"]);

/** A socket of npm's `ws`. */
export class NodeSocket implements Socket {
  readonly #socket: WebSocket;
  readonly #connection: Duplex;
  readonly #accepted: Accepted;
  #listener: SocketListener | undefined;
  #closing = false;
  #alive = true;

  /** @param connection the TCP connection under the socket; nobody else may write to it */
  constructor(socket: WebSocket, connection: Duplex, accepted: Accepted) {
    this.#socket = socket;
    this.#connection = connection;
    this.#accepted = accepted;
    socket.on("message", (data, isBinary) => this.#received(data, isBinary));
    socket.on("pong", () => this.#alive = true);
    socket.on("close", (code, reason) => this.#gone(code, reason.toString()));
    // A protocol error, of which `close` says more, or a connection that broke.
    socket.on("error", () => {});
  }

  get bufferedAmount(): number {
    return this.#connection.writableLength;
  }

  limitPayload(_bytes: number): void {}

  listen(listener: SocketListener): void {
    this.#listener = listener;
  }

  send(frame: Frame): void {
    if (this.#closing || this.#socket.readyState !== this.#socket.OPEN) return;
    this.#connection.write(frame.wire);
  }

  /** `ws` ends the connection if the closing handshake takes too long (`closeTimeout`). */
  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    this.#socket.close(code, reason);
  }

  /** Heartbeat: ends the connection if the peer was silent since the last call, otherwise pings. */
  ping(): void {
    if (!this.#alive) return this.#socket.terminate();
    this.#alive = false;
    if (this.#socket.readyState === this.#socket.OPEN) this.#socket.ping();
  }

  #received(data: RawData, isBinary: boolean): void {
    this.#alive = true;
    this.#guard(() => {
      if (isBinary) this.#listener?.message(toBytes(data));
      else this.#listener?.message(data.toString());
    });
  }

  #gone(code: number, reason: string): void {
    this.#guard(() => this.#listener?.closed(code, reason));
    this.#guard(() => this.#accepted.gone());
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
