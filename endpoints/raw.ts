/**
 * One connection that exchanges bare frames: no names, no messages, nothing kept. `/echo` and
 * `/relay` are made of these; what waits to go out is in the same kind of send queue as in the chat.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { type ConnectionLimits, FRAME_FACTOR } from "../client.ts";
import type { Allowance, Allowances, Excess } from "../limits/allowances.ts";
import { steadyNow } from "../clock/steady.ts";
import type { Principal } from "../people/principal.ts";
import { banOf, KICKED } from "../people/sanctioned.ts";
import type { Sanctions } from "../people/sanctions.ts";
import { CloseCode } from "../protocol.ts";
import { type RetryLoop, SendQueue, toFrame } from "../client/outgoing.ts";
import type { Frame, Peer, Socket, SocketListener } from "../transport/socket.ts";
import type { Handshake } from "./endpoint.ts";

const logger = getLogger(["hubbub", "raw"]);

/** What a connection of bare frames needs. */
export interface RawOptions {
  /** Where it comes from, and who opened it: what bans go by. */
  readonly from: Pick<Handshake, "peer" | "principal">;
  readonly limits: ConnectionLimits;
  readonly allowance: Allowance;
  readonly retryLoop: RetryLoop;
  /** A frame arrived, unchanged: text or binary as it was sent. */
  received(frame: Frame, from: RawConnection): void;
  /** The connection has ended; nothing comes from it any more. Called once. */
  ended(connection: RawConnection): void;
  /** Milliseconds of any clock. */
  readonly now?: () => number;
}

/**
 * One connection of bare frames. It is closed with 1009 after a frame that is too large, with 1008
 * above its rate, with 1013 once it leaves too much unread, with 4505 once it is banned.
 */
export class RawConnection implements SocketListener {
  readonly #socket: Socket;
  readonly #options: RawOptions;
  readonly #now: () => number;
  readonly #queue: SendQueue;
  readonly #maxFrame: number;
  #ended = false;

  constructor(socket: Socket, options: RawOptions) {
    const { limits: { maxMessage, maxQueue }, retryLoop, now } = options;
    this.#socket = socket;
    this.#options = options;
    this.#now = now ?? steadyNow;
    this.#maxFrame = maxMessage * FRAME_FACTOR;
    this.#queue = new SendQueue(socket, retryLoop, maxQueue, () => {
      this.close(CloseCode.TooSlow, "Too slow: what was sent to you was not read");
    });
    retryLoop.traffic.opened(this.#queue);
    socket.limitPayload(this.#maxFrame);
    socket.listen(this);
  }

  /** Sends a frame, or holds it until the peer has read more. Never waits, never throws. */
  push(frame: Frame): void {
    this.#queue.push(frame);
  }

  message(data: string | Uint8Array): void {
    if (this.#ended) return;
    const now = this.#now();
    const { allowance } = this.#options;
    const excess = allowance.takeRequest(now);
    if (excess !== undefined) return this.close(CloseCode.Policy, this.#explain(excess));
    // A text has at least as many bytes as code units: one that is far too long is not measured.
    const frame = data.length > this.#maxFrame ? undefined : toFrame(data);
    this.#options.retryLoop.traffic.received(frame?.bytes ?? data.length);
    if (frame === undefined || frame.bytes > this.#maxFrame) {
      return this.close(CloseCode.TooBig, `A frame must have at most ${this.#maxFrame} bytes`);
    }
    const tooMuch = allowance.takeBytes(now, frame.bytes);
    if (tooMuch !== undefined) {
      return this.close(CloseCode.Policy, `Too many bytes of your ${tooMuch.of}`);
    }
    this.#options.received(frame, this);
    const pause = allowance.pace(now, 1);
    if (pause > 0) this.#socket.pauseReading(pause);
  }

  #explain({ of }: Excess): string {
    const { rate, burst } = this.#options.limits;
    return of === "connection"
      ? `At most ${rate} frames a second, ${burst} at once`
      : `Too many frames of your ${of}`;
  }

  closed(code: number, reason: string): void {
    this.#end(code, reason);
  }

  /** Closes the connection; nothing is sent to it any more. Idempotent. */
  close(code: number, reason: string): void {
    if (!this.#end(code, reason)) return;
    this.#queue.close();
    this.#socket.close(code, reason);
  }

  /** Closes the connection if its user or address is banned. */
  endIfBanned(sanctions: Sanctions): void {
    const { peer: { ip }, principal: { user } } = this.#options.from;
    const [, ban] = banOf(user, ip, sanctions);
    if (ban !== undefined) this.close(CloseCode.Kicked, KICKED);
  }

  #end(code: number, reason: string): boolean {
    if (this.#ended) return false;
    this.#ended = true;
    this.#options.retryLoop.traffic.ended(this.#queue);
    logger.debug("A raw connection ended: {code} {reason}", { code, reason });
    this.#options.ended(this);
    return true;
  }
}

/** What a connection of bare frames may send: nobody logs in on it, so its user is who opened it. */
export function allowanceOf(
  { ip }: Peer,
  { user }: Principal,
  allowances: Allowances,
): Allowance {
  const allowance = allowances.ofConnection(ip);
  if (user !== undefined) allowance.setUser(user.id);
  return allowance;
}
