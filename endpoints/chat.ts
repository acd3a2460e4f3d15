/**
 * `/ws`: where sockets enter the chat.
 *
 * @module
 */
import { framingOf } from "../client/framing.ts";
import type { Endpoint } from "../http/routes.ts";
import type { Hub } from "../hub.ts";
import { LINES } from "../protocol.ts";

/** The endpoint that hands sockets to the hub. */
export function chatEndpoint(hub: Hub): Endpoint {
  return {
    subprotocols: [LINES],
    matches: (path) => path === "/ws",
    opened(socket, { ip }, { subprotocol }) {
      hub.connect(socket, { ip, framing: framingOf(subprotocol) });
    },
  };
}
