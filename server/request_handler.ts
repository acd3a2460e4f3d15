/**
 * Where every request goes, whichever transport it came through: to a WebSocket endpoint, or to the
 * HTTP app.
 *
 * @module
 */
import type { AllowedOrigins } from "../config/config.ts";
import type { Accepted, Peer, Socket } from "../transport/socket.ts";
import type { Admission } from "./admission.ts";
import { textResponse } from "../http/headers.ts";
import type { App } from "../http/app.ts";
import { checkUpgrade } from "./handshake.ts";

/** A path on which WebSockets are served. */
export interface Endpoint {
  /** The subprotocols that it knows. */
  readonly subprotocols: readonly string[];
  /** Whether it serves this path. */
  matches(path: string): boolean;
  /** Takes an open socket in. */
  opened(socket: Socket, peer: Peer, handshake: { url: URL; subprotocol?: string }): void;
  /** Closes its sockets (1001), because the server stops and lets nobody in any more. */
  stop?(reason: string): void;
}

/** What the routes lead to. */
export interface RouteTargets {
  readonly admission: Admission;
  readonly allowOrigins: AllowedOrigins;
  readonly endpoints: readonly Endpoint[];
  /** What is answered without a WebSocket. */
  readonly app: App;
}

/** Answers requests. */
export class Routes {
  readonly #targets: RouteTargets;
  /** Set when the server is about to stop: nobody new is let in. */
  draining = false;

  constructor(targets: RouteTargets) {
    this.#targets = targets;
  }

  /**
   * Decides about a request for a WebSocket path. If it is accepted, the transport must complete the
   * upgrade, and call `gone` once when the connection has ended, however it ended.
   *
   * @returns `undefined` if the path is not a WebSocket path
   */
  connect(request: Request, peer: Peer): Accepted | Response | undefined {
    const url = new URL(request.url);
    const endpoint = this.#targets.endpoints.find(({ matches }) => matches(url.pathname));
    if (endpoint === undefined) return undefined;
    const { allowOrigins, admission } = this.#targets;
    const handshake = checkUpgrade(request, allowOrigins, endpoint.subprotocols);
    if (handshake instanceof Response) return handshake;
    if (this.draining) return busy("the server is about to stop", 5);
    switch (admission.enter(peer.ip)) {
      case "full":
        return busy("as many are connected as may be", 30);
      case "address_full":
        return textResponse(
          429,
          "Cannot connect: as many are connected from your address as may be",
        );
    }
    const { subprotocol } = handshake;
    return {
      ...(subprotocol !== undefined && { subprotocol }),
      opened: (socket) => endpoint.opened(socket, peer, { url, ...handshake }),
      gone: () => admission.leave(peer.ip),
    };
  }

  /** Answers every request that does not become a WebSocket. */
  fetch(request: Request): Promise<Response> {
    return this.#targets.app.fetch(request);
  }
}

function busy(reason: string, seconds: number): Response {
  return textResponse(503, `Cannot connect: ${reason}`, { "retry-after": String(seconds) });
}
