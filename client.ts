/**
 * One chat connection: its socket, its codec, its limits and its send queue. Everything that arrives is
 * measured, rate-limited and decoded here; what passes goes to the host as a typed request. Who that is,
 * and in which rooms, only the host knows; the connection is told.
 *
 * @module
 */
import { Buffer } from "node:buffer";
import { getLogger } from "@logtape/logtape";
import { type Delivery, type RetryLoop, SendQueue, toFrame } from "./client/outgoing.ts";
import type { Traffic } from "./client/traffic.ts";
import type { Allowance, Excess } from "./limits/allowances.ts";
import { TokenBucket } from "./limits/token_bucket.ts";
import type { Principal } from "./people/principal.ts";
import {
  type ClientRequest,
  CloseCode,
  type Codec,
  type ErrorMessage,
  refuse,
  type Reply,
  type Role,
  type ServerMessage,
  type UserId,
} from "./protocol.ts";
import type { Socket, SocketListener } from "./transport/socket.ts";

/**
 * Maximum length of a text frame, as a multiple of the maximum length of a message: room for many
 * lines, or for one message whose every character is escaped.
 */
export const FRAME_FACTOR = 16;

/** Maximum lines in one frame: the answers to all of them must fit the send queue together. */
const MAX_LINES = 1000;

/** The ids in a frame: in a text they would be escaped. */
const ID = /"id":"[^"\\]{1,64}"/g;

/** Violations of rate or size that a connection may accumulate before it is closed (1008). */
const MAX_VIOLATIONS = 2000;

/** Bytes of a refused frame that count as one more violation. */
const VIOLATION_BYTES = 8 * 1024;

/** Violations that are forgiven each second. */
const FORGIVEN_PER_SECOND = 50;

/** What a connection may do. Bytes; requests a second; a `rate` of 0 is no limit. */
export interface ConnectionLimits {
  readonly maxMessage: number;
  readonly maxQueue: number;
  readonly rate: number;
  readonly burst: number;
}

/**
 * Maximum size of a frame while nobody is logged in, in bytes: a login takes a few hundred, a token of an
 * application some thousand.
 */
export const LOGIN_FRAME_BYTES = 64 * 1024;

/** Takes what arrives on a connection: the hub. */
export interface ConnectionHost {
  /** Takes a checked request; returns false if too many are waiting already. */
  request(connection: Connection, request: ClientRequest): boolean;
  /** Takes a binary frame, which should be a file; returns why it is refused. */
  upload(connection: Connection, frame: Uint8Array): ErrorMessage | undefined;
  /** Is told that something was refused before it could become a request. */
  refused(connection: Connection, reason: "rate" | "too_large"): void;
  /**
   * The connection has ended, or must end. Idempotent.
   *
   * @param byPeer whether the code came from the peer, or from the network; default: no
   */
  disconnected(connection: Connection, code: number, reason: string, byPeer?: boolean): void;
}

/** Is told of logins on a connection. */
export interface LoginWatch {
  loggedIn(): void;
  loggedOut(): void;
}

/** What makes one connection different from all others. */
export interface ConnectionInfo {
  /** 1, 2, 3, … in order of arrival. */
  readonly number: number;
  /** Secret of this connection: the session of the guest that it may make. */
  readonly session: string;
  /** The peer's IP address; empty on a Unix socket. */
  readonly ip: string;
  readonly codec: Codec;
  /** Who opened the connection. */
  readonly principal: Principal;
  /** The `User-Agent` that opened it; may be empty. */
  readonly agent: string;
  /** Default: nobody is told. */
  readonly place?: LoginWatch;
}

/** What the host has told a connection about itself. */
export interface Membership {
  /** The user who is logged in on it; empty while nobody is. */
  readonly user: UserId;
  /** The user's name; empty while nobody is logged in. */
  readonly name: string;
  /** The user's role; `guest` while nobody is logged in. */
  readonly role: Role;
  /** Names of the rooms it is in, the one entered last at the end. */
  readonly rooms: readonly string[];
}

/** One chat connection. */
export class Connection implements SocketListener {
  readonly number: number;
  readonly session: string;
  readonly ip: string;
  readonly codec: Codec;
  readonly principal: Principal;
  readonly agent: string;
  readonly #place: LoginWatch | undefined;
  readonly #host: ConnectionHost;
  readonly #limits: ConnectionLimits;
  readonly #now: () => number;
  readonly #maxUpload: number;
  readonly #socket: Socket;
  readonly #queue: SendQueue;
  readonly #traffic: Traffic;
  readonly #allowance: Allowance;
  readonly #violations: TokenBucket;
  #membership: Membership = { user: "", name: "", role: "guest", rooms: [] };
  #lastActive: number;
  #closed = false;

  constructor(
    socket: Socket,
    info: ConnectionInfo,
    options: {
      host: ConnectionHost;
      limits: ConnectionLimits;
      allowance: Allowance;
      /** Maximum size of a binary frame, in bytes, once somebody is logged in. */
      maxUpload: number;
      retryLoop: RetryLoop;
      /** A steady clock, in milliseconds. */
      now: () => number;
    },
  ) {
    const { host, limits, allowance, maxUpload, retryLoop, now } = options;
    this.number = info.number;
    this.session = info.session;
    this.ip = info.ip;
    this.codec = info.codec;
    this.principal = info.principal;
    this.agent = info.agent;
    this.#place = info.place;
    this.#socket = socket;
    this.#host = host;
    this.#limits = limits;
    this.#now = now;
    this.#lastActive = now();
    this.#traffic = retryLoop.traffic;
    this.#queue = new SendQueue(socket, retryLoop, limits.maxQueue, () => this.fallBehind());
    this.#traffic.opened(this.#queue);
    this.#allowance = allowance;
    this.#maxUpload = maxUpload;
    this.#violations = new TokenBucket(FORGIVEN_PER_SECOND, MAX_VIOLATIONS, this.#lastActive);
  }

  get membership(): Membership {
    return this.#membership;
  }

  /** The host sets it whenever it changes, before anybody is shown the change. */
  set membership(membership: Membership) {
    const wasLoggedIn = this.#membership.user !== "";
    if (membership.user !== this.#membership.user) this.#setUser(membership.user);
    this.#membership = membership;
    if (membership.user !== "" && !wasLoggedIn) this.#place?.loggedIn();
    if (membership.user === "" && wasLoggedIn) this.#place?.loggedOut();
    this.codec.membershipChanged?.(membership);
  }

  /** When it connected or last asked for something, by the steady clock. A ping does not count. */
  get lastActive(): number {
    return this.#lastActive;
  }

  /** Milliseconds since then. */
  get idleMs(): number {
    return this.#now() - this.#lastActive;
  }

  /** Bytes that wait for the peer to read, here and in the socket. */
  get queuedBytes(): number {
    return this.#queue.queuedBytes + this.#socket.bufferedAmount;
  }

  /** Whether the host has closed it: nothing is sent any more, and nothing that arrives counts. */
  get isClosed(): boolean {
    return this.#closed;
  }

  /** A frame arrived. */
  message(data: string | Uint8Array): void {
    if (this.#closed) return;
    const bytes = Buffer.byteLength(data);
    this.#traffic.received(bytes);
    try {
      const replies = typeof data === "string"
        ? this.#readText(data, bytes)
        : this.#readBinary(data);
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

  /** The socket has closed. */
  closed(code: number, reason: string): void {
    this.#host.disconnected(this, code, reason, true);
  }

  /**
   * Sends events that others see too.
   *
   * @returns bytes of them that the runtime has copied and not yet written
   */
  deliver(delivery: Delivery): number {
    let copied = 0;
    this.#queue.deliveries += delivery.size;
    for (const frame of delivery.frames(this.codec)) copied += this.#queue.push(frame);
    return copied;
  }

  /** Sends what only this connection gets. */
  answer(messages: readonly ServerMessage[]): void {
    for (const text of this.codec.answers(messages)) this.#queue.push(toFrame(text));
  }

  /** Disconnects a peer that does not read fast enough. */
  fallBehind(): void {
    this.#host.disconnected(this, CloseCode.TooSlow, "Too slow: reconnect and resume");
  }

  /** Closes the connection. The host calls this once it has let the connection go. Idempotent. */
  close(code: number, reason: string): void {
    this.#closed = true;
    this.#queue.close();
    this.#traffic.ended(this.#queue);
    this.#socket.close(code, reason);
  }

  /** Whoever has logged in may send longer frames. */
  #setUser(user: UserId): void {
    this.#allowance.setUser(user);
    const most = this.#limits.maxMessage * FRAME_FACTOR;
    this.#socket.limitPayload(
      user === "" ? Math.min(LOGIN_FRAME_BYTES, most) : Math.max(most, this.#maxUpload),
    );
  }

  /** Maximum size of a text frame, in bytes. */
  get #maxFrame(): number {
    const most = this.#limits.maxMessage * FRAME_FACTOR;
    return this.#membership.user === "" ? Math.min(LOGIN_FRAME_BYTES, most) : most;
  }

  #readText(data: string, bytes: number): Reply[] {
    const limit = this.#maxFrame;
    if (bytes > limit) {
      return this.#rejectFrame(`a frame must have at most ${limit} bytes`, bytes);
    }
    const excess = this.#allowance.takeBytes(this.#now(), bytes);
    if (excess !== undefined) return this.#rejectBytes(data, bytes, excess);
    if (!this.codec.multiline || !data.includes("\n")) return this.#readLines([data]);
    const lines = data.split("\n").filter((line) => line !== "");
    if (lines.length > MAX_LINES) {
      return this.#rejectFrame(
        `a frame must have at most ${MAX_LINES} lines, received ${lines.length}`,
        bytes,
      );
    }
    return this.#readLines(lines);
  }

  /** Refuses a whole frame, of which nothing is read. */
  #rejectFrame(allowed: string, bytes: number): ErrorMessage[] {
    this.#host.refused(this, "too_large");
    this.#countViolation(bytes);
    return [refuse("too_large", `Cannot read frame: ${allowed}`)];
  }

  /** Refuses a frame without parsing it: too much has come. Whoever waits for an answer by `id` gets one. */
  #rejectBytes(data: string, bytes: number, { of, wait }: Excess): ErrorMessage[] {
    this.#host.refused(this, "rate");
    this.#countViolation(bytes);
    this.#pauseReading(wait);
    const problem = `Cannot read frame: too many bytes of your ${of}`;
    const ids = data.match(ID)?.slice(0, MAX_LINES).map((member) => member.slice(6, -1)) ?? [];
    return (ids.length > 0 ? ids : [undefined])
      .map((id) => ({ ...refuse("rate_limited", problem, id), retry_ms: wait }));
  }

  #readLines(lines: readonly string[]): Reply[] {
    const now = this.#now();
    const replies: Reply[] = [];
    let served = 0;
    for (const line of lines) {
      const decoded = this.codec.read(line, this.#limits.maxMessage);
      const reply = this.#limitRate(now, decoded?.id) ?? this.#serve(decoded, now);
      if (reply?.type !== "error") served++;
      if (reply !== undefined) replies.push(reply);
    }
    if (served > 0) this.#pauseReading(this.#allowance.pace(now, served));
    return replies;
  }

  /** Passes a request on; a line that is none is answered by what it was read as, a blank one by nothing. */
  #serve(decoded: ReturnType<Codec["read"]>, now: number): Reply | undefined {
    if (decoded === undefined || decoded.type === "error" || decoded.type === "system") {
      return decoded;
    }
    return this.#request(decoded, now);
  }

  #limitRate(now: number, id: string | undefined): ErrorMessage | undefined {
    const excess = this.#allowance.takeRequest(now);
    if (excess === undefined) return undefined;
    this.#host.refused(this, "rate");
    this.#countViolation();
    this.#pauseReading(excess.wait);
    const { rate, burst } = this.#limits;
    const problem = excess.of === "connection"
      ? `at most ${rate} requests a second, ${burst} at once`
      : `too many requests of your ${excess.of}`;
    return {
      ...refuse("rate_limited", `Cannot serve request: ${problem}`, id),
      retry_ms: excess.wait,
    };
  }

  #pauseReading(ms: number): void {
    if (ms > 0) this.#socket.pauseReading(ms);
  }

  #request(request: ClientRequest, now: number): ErrorMessage | undefined {
    if (request.type !== "ping") this.#lastActive = now;
    if (this.#host.request(this, request)) return undefined;
    const refusal = refuse("unavailable", "Cannot serve request: the server is busy", request.id);
    return { ...refusal, retry_ms: 1000 };
  }

  #readBinary(data: Uint8Array): ErrorMessage[] {
    const now = this.#now();
    const limited = this.#limitRate(now, undefined);
    if (limited !== undefined) return [limited];
    this.#lastActive = now;
    const refusal = this.#host.upload(this, data);
    if (refusal === undefined) return [];
    this.#countViolation();
    return [refusal];
  }

  /**
   * Counts a refusal that the client could have avoided; too many of them end the connection.
   *
   * @param bytes of a frame that was refused whole: it was received in vain
   */
  #countViolation(bytes = 0): void {
    const weight = 1 + Math.floor(bytes / VIOLATION_BYTES);
    if (this.#violations.take(this.#now(), Math.min(weight, MAX_VIOLATIONS)) === 0) return;
    this.#host.disconnected(this, CloseCode.Policy, "Too many refused requests");
  }
}
