/**
 * `/ws`: where sockets enter the chat.
 *
 * @module
 */
import { codecOf } from "../client/codec.ts";
import { TextSession } from "../client/text/session.ts";
import type { Endpoint } from "../server/request_handler.ts";
import type { Hub } from "../hub.ts";
import { LINES, TEXT } from "../protocol.ts";

/** The endpoint that hands sockets to the hub. */
export function chatEndpoint(hub: Hub): Endpoint {
  return {
    subprotocols: [LINES, TEXT],
    matches: (path) => path === "/ws",
    opened(socket, { ip }, { subprotocol }) {
      if (subprotocol !== TEXT) {
        hub.connect(socket, { ip, codec: codecOf(subprotocol) });
        return;
      }
      const codec = new TextSession();
      codec.begin(hub.connect(socket, { ip, codec }), hub);
    },
  };
}
