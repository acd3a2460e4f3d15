/**
 * `/echo`: every frame comes straight back, of the same type, byte for byte, in order. For trying out
 * clients, proxies and networks.
 *
 * @module
 */
import type { ConnectionLimits } from "../client.ts";
import type { Endpoint } from "./endpoint.ts";
import { CloseCode } from "../protocol.ts";
import { RetryLoop } from "../client/outgoing.ts";
import { RawConnection } from "./raw.ts";

/** The endpoint that sends back what it receives. */
export function echoEndpoint(limits: ConnectionLimits, retryLoop = new RetryLoop()): Endpoint {
  const connections = new Set<RawConnection>();
  return {
    subprotocols: [],
    matches: (path) => path === "/echo",
    opened(socket) {
      connections.add(
        new RawConnection(socket, {
          limits,
          retryLoop,
          received: (frame, from) => from.push(frame),
          ended: (connection) => connections.delete(connection),
        }),
      );
    },
    stop(reason) {
      for (const connection of connections) connection.close(CloseCode.GoingAway, reason);
    },
  };
}
