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
import { CloseCode, exceedsBytes } from "../../protocol.ts";
import type { Accepted, Frame, Socket, SocketListener } from "../socket.ts";
import { terminate } from "./terminate.ts";
import { violationCode } from "./violation.ts";

const logger = getLogger(["hubbub", "transport"]);

/** A socket that has not opened by then never will: milliseconds. */
const OPEN_TIMEOUT_MS = 5000;

/** Time for a peer to complete the closing handshake, in milliseconds. */
const CLOSE_TIMEOUT_MS = 2000;

/**
 * The same for a peer that has not completed a single message, or that is closed with 1013, because it does not
 * read or memory is short: it may be one that only makes the server hold fragments.
 */
const SHORT_CLOSE_TIMEOUT_MS = 200;

/** What the runtime says of a peer that has not answered a ping. */
const NO_PONG = "No response from ping frame.";

/** What a connection needs beside the request. */
export interface UpgradeOptions {
  /** How often to ping, in milliseconds; silence for as long again closes the connection. 0: never. */
  readonly pingInterval: number;
  /** The peer broke RFC 6455 (`protocol`), sent too large a message, or answered no ping. */
  refused?(reason: "protocol" | "too_large" | "timeout", detail: string): void;
}

/**
 * Completes the upgrade of a request that was accepted. After this the handler must return the response and
 * nothing else: to throw or to return another one would stop the server.
 */
export function upgrade(
  request: Request,
  accepted: Accepted,
  options: UpgradeOptions,
): Response {
  try {
    const { socket, response } = Deno.upgradeWebSocket(request, {
      // The runtime pings when half of it is over.
      idleTimeout: Math.ceil(2 * options.pingInterval / 1000),
    });
    // Not by the option `protocol`: it finds no subprotocol in a list without spaces after its commas.
    if (accepted.subprotocol !== undefined) {
      response.headers.set("sec-websocket-protocol", accepted.subprotocol);
    }
    new DenoSocket(socket, accepted, options);
    return response;
  } catch (error) {
    accepted.gone();
    throw error;
  }
}

class DenoSocket implements Socket {
  readonly #socket: WebSocket;
  readonly #accepted: Accepted;
  readonly #refused: NonNullable<UpgradeOptions["refused"]>;
  /** Until it has opened: gives it up. Once it is closing: ends it without its peer. */
  #late: ReturnType<typeof setTimeout>;
  #listener: SocketListener | undefined;
  #maxPayload: number;
  #opened = false;
  #spoken = false;
  #closing = false;
  #gone = false;
  /** What the peer did wrong; a `close` that follows an `error` has neither code nor reason. */
  #violation: { readonly code: number; readonly reason: string } | undefined;

  constructor(socket: WebSocket, accepted: Accepted, { refused = () => {} }: UpgradeOptions) {
    this.#socket = socket;
    this.#accepted = accepted;
    this.#refused = refused;
    this.#maxPayload = accepted.maxPayload;
    socket.binaryType = "arraybuffer";
    this.#late = setTimeout(() => this.#end(1006, ""), OPEN_TIMEOUT_MS);
    socket.onopen = () => this.#open();
    socket.onmessage = ({ data }) =>
      this.#receive(data instanceof ArrayBuffer ? new Uint8Array(data) : data);
    socket.onerror = (event) => this.#failed("message" in event ? String(event.message) : "");
    socket.onclose = ({ code, reason }) => {
      const how = this.#violation ?? { code, reason };
      this.#end(how.code, how.reason);
    };
  }

  get bufferedAmount(): number {
    return this.#socket.bufferedAmount;
  }

  /** The runtime has received a message before it can be measured, so it holds larger ones for a while. */
  limitPayload(bytes: number): void {
    this.#maxPayload = bytes;
  }

  /** The runtime reads on whatever happens. */
  pauseReading(): void {}

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
    if (this.#socket.readyState !== WebSocket.OPEN) return;
    guard(() => this.#socket.close(code, reason));
    const isPatient = this.#spoken && code !== CloseCode.TooSlow;
    const patience = isPatient ? CLOSE_TIMEOUT_MS : SHORT_CLOSE_TIMEOUT_MS;
    this.#late = setTimeout(() => guard(() => terminate(this.#socket)), patience);
  }

  #open(): void {
    this.#opened = true;
    clearTimeout(this.#late);
    if (this.#gone) return this.close(CloseCode.GoingAway, "");
    if (!guard(() => this.#accepted.opened(this))) this.close(CloseCode.ServerError, "");
  }

  #receive(data: string | Uint8Array): void {
    this.#spoken = true;
    if (this.#closing) return;
    if (isTooLarge(data, this.#maxPayload)) {
      const reason = `A frame must have at most ${this.#maxPayload} bytes`;
      this.#violation = { code: CloseCode.TooBig, reason };
      this.#refused("too_large", reason);
      return this.close(CloseCode.TooBig, reason);
    }
    guard(() => this.#listener?.message(data));
  }

  /** After `open`, an error is followed by a close. */
  #failed(message: string): void {
    if (!this.#opened) return this.#end(1006, "");
    if (message === NO_PONG) return this.#refused("timeout", "no answer to a ping");
    const code = violationCode(message);
    if (code === undefined) return;
    this.#violation = { code, reason: message };
    this.#refused(code === CloseCode.TooBig ? "too_large" : "protocol", `${code} ${message}`);
  }

  #end(code: number, reason: string): void {
    if (this.#gone) return;
    this.#gone = true;
    clearTimeout(this.#late);
    guard(() => this.#listener?.closed(code, reason));
    guard(() => this.#accepted.gone());
  }
}

function isTooLarge(data: string | Uint8Array, limit: number): boolean {
  return typeof data === "string" ? exceedsBytes(data, limit) : data.byteLength > limit;
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
