/**
 * The WebSocket under a client of the load, cut down to what is used of it, so that tests can hand in one
 * without a network. Knows nothing of messages.
 *
 * @module
 */

import { LINES } from "../../protocol.ts";

/** What a socket tells. After `closed` nothing more comes. */
export interface SocketEvents {
  /** @param protocol the subprotocol that the server selected; empty if none */
  opened(protocol: string): void;
  /** A text frame; anything else is passed over. */
  received(frame: string): void;
  /**
   * Over, or never began.
   *
   * @param code 1005 or 1006 if none came (RFC 6455 §7.4.1)
   * @param reason the peer's, or why there was no connection; may be empty
   */
  closed(code: number, reason: string): void;
}

/** An outgoing connection. */
export interface ClientSocket {
  /** Must only be called between `opened` and `closed`. */
  send(frame: string): void;
  close(code: number, reason?: string): void;
}

/** Begins to connect; all events come later, none during the call. */
export type OpenSocket = (
  url: string,
  protocols: readonly string[],
  events: SocketEvents,
) => ClientSocket;

/** What may stand in `Sec-WebSocket-Protocol` (RFC 9110 §5.6.2, `token`). */
const SUBPROTOCOL = /^[\w!#$%&'*+.^`|~-]+$/;

/**
 * The subprotocols to offer. The access token rides along where its characters allow; it stands in
 * the login in any case.
 */
export function offeredProtocols(token: string | undefined): string[] {
  const carrier = `bearer.${token}`;
  return token !== undefined && SUBPROTOCOL.test(carrier) ? [LINES, carrier] : [LINES];
}

/** Connects with the runtime's own WebSocket. */
export const openWebSocket: OpenSocket = (url, protocols, events) => {
  const socket = new WebSocket(url, [...protocols]);
  let problem = "";
  socket.onopen = () => events.opened(socket.protocol);
  socket.onmessage = ({ data }) => {
    if (typeof data === "string") events.received(data);
  };
  socket.onerror = (event) => {
    event.preventDefault();
    if (event instanceof ErrorEvent) problem = readable(event.message);
  };
  socket.onclose = ({ code, reason }) => events.closed(code, reason || problem);
  return {
    send: (frame) => socket.send(frame),
    close: (code, reason) => socket.close(code, reason),
  };
};

/** The last clause of an error of the runtime's says what happened: `Connection refused`. */
function readable(message: string): string {
  const last = message.replace(/\s+/g, " ").split(": ").slice(-2).join(": ");
  return last.replace(/ ?\(os error \d+\)/, "").trim();
}
