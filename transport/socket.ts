/**
 * What the rest of the server knows of a connection: a socket of four members, whichever transport
 * it came through. Types and promises only.
 *
 * @module
 */
import type { Frame } from "./frame.ts";

/** One WebSocket, upgraded and open. */
export interface Socket {
  /**
   * Hands a frame to the runtime. Never blocks and never throws;
   * what the peer does not read adds to `bufferedAmount`. After `close` it does nothing.
   */
  send(frame: Frame): void;
  /** Starts the closing handshake, or cuts the line where the transport can. Idempotent, never throws. */
  close(code: number, reason: string): void;
  /** Bytes handed to `send` that have not gone to the operating system yet. */
  readonly bufferedAmount: number;
  /** Who is told of what arrives. Called once, before anything can arrive. */
  listen(listener: SocketListener): void;
}

/** Is told of what arrives on a socket. The socket catches and logs what a listener throws. */
export interface SocketListener {
  message(data: string | Uint8Array): void;
  /** The line is gone. Called at most once; on a peer that does not read, perhaps never. */
  closed(code: number, reason: string): void;
}

/** Who is on the other end. */
export interface Peer {
  /** The client's IP address; empty on a Unix socket. */
  readonly ip: string;
}

/** A WebSocket request that was let in: what the transport needs to complete the upgrade. */
export interface Accepted {
  /** The subprotocol to select; none if absent. */
  readonly subprotocol?: string;
  /** Called once when the socket is open; never if the peer went away before. */
  opened(socket: Socket): void;
  /** Called exactly once when the connection, opened or not, is really gone. */
  gone(): void;
}
