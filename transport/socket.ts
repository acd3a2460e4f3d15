/**
 * The transport contract: sockets of four members, and the handler of requests that a transport calls,
 * whichever transport it is. Types and promises only.
 *
 * @module
 */
/** A message on its way out, made once and shared by all who receive it. */
export interface Frame {
  /** A string is sent as text, bytes as binary. */
  readonly data: string | Uint8Array;
  /** Size of the payload, in bytes. */
  readonly bytes: number;
  /** The whole frame as a server sends it: header and unmasked payload (RFC 6455 §5.2). */
  readonly wire: Uint8Array;
}

/** One WebSocket, upgraded and open. */
export interface Socket {
  /**
   * Hands a frame to the runtime. Never blocks and never throws;
   * what the peer does not read adds to `bufferedAmount`. After `close` it does nothing.
   */
  send(frame: Frame): void;
  /** Starts the closing handshake. Idempotent, never throws. */
  close(code: number, reason: string): void;
  /** Bytes handed to `send` that have not gone to the operating system yet. */
  readonly bufferedAmount: number;
  /**
   * Sets the maximum size of a message that is received from now on, in bytes: a larger one closes the
   * connection with 1009 before it is held in memory. At first it is {@linkcode Accepted.maxPayload}.
   * No effect with a runtime that has no such limit: docs/transports.md says which.
   */
  limitPayload(bytes: number): void;
  /**
   * Reads nothing from the peer for a time, a second at most, because a ping has to be answered: what it sends
   * waits on its own side, and what has been read already is told afterwards. No effect with a runtime that cannot stop reading.
   */
  pauseReading(ms: number): void;
  /** Sets who is told of what arrives. Called once, before anything can arrive. */
  listen(listener: SocketListener): void;
}

/** Is told of what arrives on a socket. The socket catches and logs what a listener throws. */
export interface SocketListener {
  message(data: string | Uint8Array): void;
  /** The connection is gone. Called at most once; with a peer that does not read, perhaps never. */
  closed(code: number, reason: string): void;
}

/** Who is on the other end. */
export interface Peer {
  /**
   * The client's IP address; empty on a Unix socket. From a transport, that of the TCP connection; the request
   * handler replaces it with what a trusted proxy tells.
   */
  readonly ip: string;
}

/** Answers requests: what a transport needs of the rest of the server. */
export interface RequestHandler {
  /**
   * Decides about a request that might become a WebSocket. If it is accepted, the transport completes the
   * upgrade, and calls `gone` once when the connection has ended, however it ended.
   *
   * @returns `undefined` if the path is not a WebSocket path
   */
  connect(request: Request, peer: Peer): Promise<Accepted | Response | undefined>;
  /** Answers every request that does not become a WebSocket. */
  fetch(request: Request, peer: Peer): Promise<Response>;
}

/** A WebSocket request that was accepted: what the transport needs to complete the upgrade. */
export interface Accepted {
  /** The subprotocol to select; none if absent. */
  readonly subprotocol?: string;
  /** The client's address, by which it is counted and logged: see {@linkcode Peer}. */
  readonly ip: string;
  /** Maximum size of a message, in bytes, until `limitPayload` says otherwise. */
  readonly maxPayload: number;
  /**
   * Paces what the peer sends: told how many bytes were read, it returns for how many milliseconds nothing more
   * should be. A runtime that cannot stop reading does not ask. Default: as fast as it comes.
   */
  pace?(bytes: number): number;
  /** Called once when the socket is open; never if the peer went away before. */
  opened(socket: Socket): void;
  /** Called exactly once when the connection, opened or not, is really gone. */
  gone(): void;
}
