/**
 * `/echo`: every frame comes straight back, of the same type, byte for byte, in order. For trying out
 * clients, proxies and networks.
 *
 * @module
 */
import type { ConnectionLimits } from "../client.ts";
import type { Allowances } from "../limits/allowances.ts";
import type { Endpoint } from "./endpoint.ts";
import { CloseCode } from "../protocol.ts";
import { RetryLoop } from "../client/outgoing.ts";
import { allowanceOf, RawConnection } from "./raw.ts";

/** The endpoint that sends back what it receives. */
export function echoEndpoint(
  limits: ConnectionLimits,
  allowances: Allowances,
  retryLoop: RetryLoop = new RetryLoop(),
): Endpoint {
  const connections = new Set<RawConnection>();
  return {
    subprotocols: [],
    matches: (path) => path === "/echo",
    opened(socket, { peer, principal }) {
      const allowance = allowanceOf(peer, principal, allowances);
      connections.add(
        new RawConnection(socket, {
          limits,
          allowance,
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
