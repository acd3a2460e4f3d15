/**
 * The default transport's socket: `Deno.upgradeWebSocket` behind the four members of `Socket`.
 *
 * What the runtime does that a reader would not expect (Deno 2.9): an exception in a socket listener ends
 * the process, so each is caught here; `close` can fire twice or never; a peer that resets the connection
 * during the handshake causes no event at all, or only `error`; `send` throws unless the socket is open;
 * `close()` refuses codes that the specification reserves for endpoints, but allows 1001, 1011 and 1013.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { CloseCode } from "../../protocol.ts";
import type { Accepted, Frame, Socket, SocketListener } from "../socket.ts";

const logger = getLogger(["hubbub", "transport"]);

/** A socket that has not opened by then never will: milliseconds. */
const OPEN_TIMEOUT_MS = 5000;

/**
 * Completes the upgrade of a request that was accepted. After this the handler must return the response and
 * nothing else: to throw or to return another one would stop the server.
 *
 * @param pingIntervalMs how often to ping; no answer for as long again closes the connection. 0: never
 */
export function upgrade(request: Request, accepted: Accepted, pingIntervalMs: number): Response {
  try {
    const { socket, response } = Deno.upgradeWebSocket(request, {
      idleTimeout: Math.ceil(pingIntervalMs / 1000),
    });
    // Not by the option `protocol`: it finds no subprotocol in a list without spaces after its commas.
    if (accepted.subprotocol !== undefined) {
      response.headers.set("sec-websocket-protocol", accepted.subprotocol);
    }
    new DenoSocket(socket, accepted);
    return response;
  } catch (error) {
    accepted.gone();
    throw error;
  }
}

class DenoSocket implements Socket {
  readonly #socket: WebSocket;
  readonly #accepted: Accepted;
  readonly #late: ReturnType<typeof setTimeout>;
  #listener: SocketListener | undefined;
  #opened = false;
  #closing = false;
  #gone = false;

  constructor(socket: WebSocket, accepted: Accepted) {
    this.#socket = socket;
    this.#accepted = accepted;
    socket.binaryType = "arraybuffer";
    this.#late = setTimeout(() => this.#end(1006, ""), OPEN_TIMEOUT_MS);
    socket.onopen = () => this.#open();
    socket.onmessage = ({ data }) =>
      guard(() =>
        this.#listener?.message(data instanceof ArrayBuffer ? new Uint8Array(data) : data)
      );
    // After `open`, an error is followed by a close, which says more.
    socket.onerror = () => {
      if (!this.#opened) this.#end(1006, "");
    };
    socket.onclose = ({ code, reason }) => this.#end(code, reason);
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  limitPayload(_bytes: number): void {}

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
    if (this.#socket.readyState === WebSocket.OPEN) guard(() => this.#socket.close(code, reason));
  }

  #open(): void {
    this.#opened = true;
    clearTimeout(this.#late);
    if (this.#gone) return this.close(CloseCode.GoingAway, "");
    if (!guard(() => this.#accepted.opened(this))) this.close(CloseCode.ServerError, "");
  }

  #end(code: number, reason: string): void {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#late);
    guard(() => this.#listener?.closed(code, reason));
    guard(() => this.#accepted.gone());
  }
}

/** Runs a listener whose exceptions must not reach the runtime. Returns whether it succeeded. */
function guard(listener: () => void): boolean {
  try {
    listener();
    return true;
  } catch (error) {
    logger.error("A socket listener failed: {error}", { error });
    return false;
  }
}
