/**
 * `/ws`: where sockets enter the chat.
 *
 * @module
 */
import { TextSession } from "../client/text/session.ts";
import type { Hub } from "../hub.ts";
import { codecOf, LINES, TEXT } from "../protocol.ts";
import type { Endpoint } from "./endpoint.ts";

/** The endpoint that hands sockets to the hub. */
export function chatEndpoint(hub: Hub): Endpoint {
  return {
    subprotocols: [LINES, TEXT],
    matches: (path) => path === "/ws",
    opened(socket, { peer: { ip }, principal, agent, place, subprotocol }) {
      if (subprotocol !== TEXT) {
        hub.connect(socket, { ip, principal, agent, place, codec: codecOf(subprotocol) });
        return;
      }
      const codec = new TextSession();
      codec.begin(hub.connect(socket, { ip, principal, agent, place, codec }), hub);
    },
  };
}
