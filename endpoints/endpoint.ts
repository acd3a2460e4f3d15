/**
 * What happens to a WebSocket once it is open: the contract of the endpoints. Types and promises only.
 *
 * @module
 */
import type { LoginWatch } from "../client.ts";
import type { Principal } from "../people/principal.ts";
import type { Peer, Socket } from "../transport/socket.ts";

/** How a socket came in. */
export interface Handshake {
  readonly url: URL;
  readonly peer: Peer;
  /** Who opened it. */
  readonly principal: Principal;
  /** Its `User-Agent`; may be empty. */
  readonly agent: string;
  /** Is told of logins: a connection without one counts as unauthenticated. */
  readonly place: LoginWatch;
  /** The subprotocol that was selected; absent if the client offered none. */
  readonly subprotocol?: string;
}

/** A path on which WebSockets are served. */
export interface Endpoint {
  /** The subprotocols that it knows. */
  readonly subprotocols: readonly string[];
  /** Whether it serves this path. */
  matches(path: string): boolean;
  /** Takes an open socket. */
  opened(socket: Socket, handshake: Handshake): void;
  /** Closes its sockets (1001): the server stops and accepts nobody any more. */
  stop?(reason: string): void;
}
