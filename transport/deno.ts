/**
 * The default transport's socket: `Deno.upgradeWebSocket` behind the four members of `Socket`.
 *
 * What the runtime does that a reader would not expect (Deno 2.9): an exception in a socket listener
 * ends the process, so each is caught here; `close` can fire twice or never; `send` throws unless the
 * socket is open; `close()` refuses codes that the specification reserves for endpoints, 1001, 1011
 * and 1013 are allowed.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import type { Frame } from "./frame.ts";
import type { Accepted, Socket, SocketListener } from "./socket.ts";

const logger = getLogger(["hubbub", "transport"]);

/**
 * Completes the upgrade of a request that was let in. After this the handler must return the response
 * and nothing else: throwing or returning another one would stop the server.
 *
 * @param pingIntervalMs how often to ping; no answer for as long again closes the connection. 0: never
 */
export function upgrade(request: Request, accepted: Accepted, pingIntervalMs: number): Response {
  const { socket, response } = Deno.upgradeWebSocket(request, {
    idleTimeout: Math.ceil(pingIntervalMs / 1000),
    ...(accepted.subprotocol !== undefined && { protocol: accepted.subprotocol }),
  });
  new DenoSocket(socket, accepted);
  return response;
}

class DenoSocket implements Socket {
  readonly #socket: WebSocket;
  #listener: SocketListener | undefined;
  #closing = false;

  constructor(socket: WebSocket, accepted: Accepted) {
    this.#socket = socket;
    socket.binaryType = "arraybuffer";
    socket.onopen = () => guard(() => accepted.opened(this));
    socket.onmessage = ({ data }) =>
      guard(() =>
        this.#listener?.message(data instanceof ArrayBuffer ? new Uint8Array(data) : data)
      );
    // An error is always followed by a close, which says more.
    socket.onerror = () => {};
    let gone = false;
    socket.onclose = ({ code, reason }) => {
      if (gone) return;
      gone = true;
      guard(() => this.#listener?.closed(code, reason));
      guard(() => accepted.gone());
    };
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  listen(listener: SocketListener): void {
    this.#listener = listener;
  }

  send({ data }: Frame): void {
    if (this.#closing || this.#socket.readyState !== WebSocket.OPEN) return;
    this.#socket.send(data as string);
  }

  close(code: number, reason: string): void {
    if (this.#closing) return;
    this.#closing = true;
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.close(code, reason);
  }
}

function guard(listener: () => void): void {
  try {
    listener();
  } catch (error) {
    logger.error("A socket listener failed: {error}", { error });
  }
}
