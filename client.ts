/**
 * One chat connection: what it may send, who it is, what goes out to it. Everything that arrives is
 * measured, rated and decoded here; what passes goes to the hub as a typed request. State that other
 * connections can see (name, rooms) is changed by the hub alone.
 *
 * @module
 */
import { getLogger } from "@logtape/logtape";
import { type Codec, type Delivery, type Reply, withholds } from "./client/codec.ts";
import { type RetryLoop, SendQueue } from "./client/send_queue.ts";
import {
  type ClientRequest,
  CloseCode,
  type ErrorMessage,
  exceedsBytes,
  refuse,
  type ServerMessage,
  type UserMessage,
} from "./protocol.ts";
import { TokenBucket } from "./client/token_bucket.ts";
import type { Member, Room } from "./hub/room.ts";
import type { Socket, SocketListener } from "./transport/socket.ts";

/**
 * Longest text frame, as a multiple of the longest message: room for many lines, or for one message
 * whose every character is escaped.
 */
export const FRAME_FACTOR = 16;

/** Most lines in one frame; the answer to each must fit the outgoing queue together with the others. */
const MAX_LINES = 1000;

/** Refusals for rate or size before a connection counts as abusive and is closed (1008). */
const PATIENCE = 2000;

/** Refusals a second that are forgiven. */
const FORGIVENESS = 50;

/** What a connection may do. Bytes; requests a second; 0 is no limit for `rate`. */
export interface ClientLimits {
  readonly maxMessage: number;
  readonly maxQueue: number;
  readonly rate: number;
  readonly burst: number;
}

/** Takes what a client's connection has to say: the hub. */
export interface ClientHost {
  /** A checked request; returns false when too many are waiting already. */
  request(client: Client, request: ClientRequest): boolean;
  /** A binary frame, which should be a file; returns why it is refused. */
  upload(client: Client, frame: Uint8Array): ErrorMessage | undefined;
  /** The connection is gone, or must go. Idempotent. */
  disconnected(client: Client, code: number, reason: string): void;
}

/** What makes one connection different from all others. */
export interface ClientIdentity {
  /** 1, 2, 3, … in order of arrival. */
  readonly number: number;
  /** Secret of this connection. */
  readonly session: string;
  readonly ip: string;
  readonly codec: Codec;
}

/** One chat connection. */
export class Client implements SocketListener, Member {
  readonly number: number;
  readonly ip: string;
  readonly codec: Codec;
  /** This connection's session, then those of the connections that it came back for, newest first. */
  readonly sessions: string[];

  /** The name it is logged in with; empty while it is not. Set by the directory only. */
  name = "";
  /** Folded names that it has had since login: the messages of these are its own. */
  readonly keys = new Set<string>();
  /** The rooms that it is in, the one entered last at the end. Set by the directory only. */
  readonly rooms = new Set<Room>();
  /** When it connected, logged out, or last asked for something, in milliseconds since 1970. */
  lastActive: number;
  /** Answers from the store that it waits for. */
  reads = 0;
  /** Whether the hub has let go of it: nothing it still says counts. */
  gone = false;

  readonly #host: ClientHost;
  readonly #limits: ClientLimits;
  readonly #now: () => number;
  readonly #socket: Socket;
  readonly #queue: SendQueue;
  readonly #rate: TokenBucket | undefined;
  readonly #patience: TokenBucket;

  constructor(
    socket: Socket,
    identity: ClientIdentity,
    options: { host: ClientHost; limits: ClientLimits; retryLoop: RetryLoop; now: () => number },
  ) {
    const { host, limits, retryLoop, now } = options;
    this.number = identity.number;
    this.ip = identity.ip;
    this.codec = identity.codec;
    this.sessions = [identity.session];
    this.#socket = socket;
    this.#host = host;
    this.#limits = limits;
    this.#now = now;
    this.lastActive = now();
    this.#queue = new SendQueue(socket, retryLoop, limits.maxQueue, () => this.fallBehind());
    if (limits.rate > 0) this.#rate = new TokenBucket(limits.rate, limits.burst, this.lastActive);
    this.#patience = new TokenBucket(FORGIVENESS, PATIENCE, this.lastActive);
  }

  get session(): string {
    return this.sessions[0] ?? "";
  }

  /** The room entered last, for requests that name none. */
  get currentRoom(): Room | undefined {
    let last: Room | undefined;
    for (const room of this.rooms) last = room;
    return last;
  }

  message(data: string | Uint8Array): void {
    if (this.gone) return;
    try {
      const replies = typeof data === "string" ? this.#text(data) : this.#binary(data);
      if (replies.length > 0) this.answer(replies);
    } catch (error) {
      getLogger(["hubbub", "client"]).error("Request of connection {number} failed: {error}", {
        number: this.number,
        error,
      });
      this.answer([
        refuse("internal", "Cannot serve request: an internal error, which was logged"),
      ]);
    }
  }

  closed(code: number, reason: string): void {
    this.#host.disconnected(this, code, reason);
  }

  /** Sends events that others see too; returns how many bytes of them are copied and not yet written. */
  deliver(delivery: Delivery): number {
    let copied = 0;
    for (const frame of delivery.frames(this.codec)) copied += this.#queue.push(frame);
    return copied;
  }

  /** Sends what only this connection gets. */
  answer(messages: readonly ServerMessage[]): void {
    for (const frame of this.codec.answers(messages)) this.#queue.push(frame);
  }

  /**
   * Sends the message that a resend made the first time; if the room's events are held for this
   * connection, with them: whoever saw a later message first could not tell that it misses some.
   */
  repeat(message: UserMessage): void {
    for (const room of this.rooms) {
      if (room.name === message.room && room.holdBack(this, message)) return;
    }
    this.answer([message]);
  }

  /** Whether it would not see an event of this type, so that its own needs an answer. */
  withholds(type: ServerMessage["type"]): boolean {
    return withholds(this.codec, type);
  }

  /** Gives up on a peer that does not keep up. */
  fallBehind(): void {
    this.#host.disconnected(this, CloseCode.TooSlow, "Too slow: reconnect and resume");
  }

  /** Closes the connection; nothing is sent to it any more. The hub calls this as it lets go of it. */
  close(code: number, reason: string): void {
    this.#queue.close();
    this.#socket.close(code, reason);
  }

  #text(data: string): Reply[] {
    const limit = this.#limits.maxMessage * FRAME_FACTOR;
    if (exceedsBytes(data, limit)) {
      return this.#lose("too_large", `a frame must have at most ${limit} bytes`);
    }
    if (!this.codec.multiline || !data.includes("\n")) return this.#lines([data]);
    const lines = data.split("\n").filter((line) => line !== "");
    if (lines.length > MAX_LINES) {
      const allowed = `a frame must have at most ${MAX_LINES} lines, received ${lines.length}`;
      return this.#lose("too_large", allowed);
    }
    return this.#lines(lines);
  }

  /** Refuses a whole frame, of which nothing was read. */
  #lose(code: "too_large", allowed: string): ErrorMessage[] {
    this.#tax();
    return [refuse(code, `Cannot read frame: ${allowed}`)];
  }

  #lines(lines: readonly string[]): Reply[] {
    const now = this.#now();
    const replies: Reply[] = [];
    for (const line of lines) {
      const reading = this.codec.read(line, this.#limits.maxMessage);
      if (reading === undefined) continue;
      const reply = this.#rated(now, reading.id) ??
        (reading.type === "error" || reading.type === "system"
          ? reading
          : this.#post(reading, now));
      if (reply !== undefined) replies.push(reply);
    }
    return replies;
  }

  #rated(now: number, id: string | undefined): ErrorMessage | undefined {
    const wait = this.#rate?.take(now) ?? 0;
    if (wait === 0) return undefined;
    this.#tax();
    const { rate, burst } = this.#limits;
    const allowed = `at most ${rate} requests a second, ${burst} at once`;
    return { ...refuse("rate_limited", `Cannot serve request: ${allowed}`, id), retry_ms: wait };
  }

  #post(request: ClientRequest, now: number): ErrorMessage | undefined {
    if (request.type !== "ping") this.lastActive = now;
    if (this.#host.request(this, request)) return undefined;
    const refusal = refuse("unavailable", "Cannot serve request: the server is busy", request.id);
    return { ...refusal, retry_ms: 1000 };
  }

  #binary(data: Uint8Array): ErrorMessage[] {
    const now = this.#now();
    const wait = this.#rated(now, undefined);
    if (wait !== undefined) return [wait];
    this.lastActive = now;
    const refusal = this.#host.upload(this, data);
    if (refusal === undefined) return [];
    this.#tax();
    return [refusal];
  }

  /** Charges a refusal that the client could have avoided; too many of them end the connection. */
  #tax(): void {
    if (this.#patience.take(this.#now()) === 0) return;
    this.#host.disconnected(this, CloseCode.Policy, "Too many refused requests");
  }
}
