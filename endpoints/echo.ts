/**
 * `/echo`: every frame comes straight back, of the same type, byte for byte, in order. For trying out
 * clients, proxies and networks.
 *
 * @module
 */
import type { ConnectionLimits } from "../client.ts";
import type { Allowances } from "../limits/allowances.ts";
import type { Endpoint } from "./endpoint.ts";
import { NO_SANCTIONS, type Sanctions } from "../people/sanctions.ts";
import { CloseCode } from "../protocol.ts";
import { RetryLoop } from "../client/outgoing.ts";
import { allowanceOf, RawConnection } from "./raw.ts";

/** The endpoint that sends back what it receives. */
export function echoEndpoint(
  limits: ConnectionLimits,
  allowances: Allowances,
  retryLoop: RetryLoop = new RetryLoop(),
  sanctions: Sanctions = NO_SANCTIONS,
): Endpoint {
  const connections = new Set<RawConnection>();
  sanctions.watch(() => connections.forEach((one) => one.endIfBanned(sanctions)));
  return {
    subprotocols: [],
    matches: (path) => path === "/echo",
    opened(socket, { peer, principal }) {
      const allowance = allowanceOf(peer, principal, allowances);
      const connection = new RawConnection(socket, {
        from: { peer, principal },
        limits,
        allowance,
        retryLoop,
        received: (frame, from) => from.push(frame),
        ended: (connection) => connections.delete(connection),
      });
      connections.add(connection);
      // A ban may have come while it opened.
      connection.endIfBanned(sanctions);
    },
    stop(reason) {
      for (const connection of connections) connection.close(CloseCode.GoingAway, reason);
    },
  };
}
