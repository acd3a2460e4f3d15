/**
 * The client's side of `hubbub.v1` for programs at a terminal: connects, logs in, comes back by
 * itself where the line broke, and shows every message once.
 *
 * @module
 */
import { delay, STABLE_AFTER } from "../static/logic/backoff.js";
import {
  type ClientRequest,
  decodeFrame,
  type ErrorMessage,
  type Handshake,
  type Limits,
  LINES,
  type ServerMessage,
  shouldReconnect,
} from "../protocol.ts";
import { type Clock, systemClock } from "./connection/clock.ts";
import type {
  Asked,
  ConnectionListener,
  ConnectionOptions,
  Said,
  Status,
} from "./connection/contract.ts";
import { Marks } from "./connection/marks.ts";
import { type Confirmation, Outbox, RefusedError } from "./connection/outbox.ts";
import {
  type ClientSocket,
  offeredProtocols,
  openWebSocket,
  type SocketEvents,
} from "./connection/socket.ts";

export { type Confirmation, RefusedError } from "./connection/outbox.ts";
export type {
  Asked,
  ConnectionListener,
  ConnectionOptions,
  Said,
  Status,
} from "./connection/contract.ts";

/** A server that has not greeted us by then is given up, in milliseconds. */
export const GREETING_MS = 10_000;

/** A server silent for this long is asked for a sign of life, in milliseconds; for twice as long, it is lost. */
export const SILENCE_MS = 20_000;

/** Longest wait for the server's answer to a goodbye, in milliseconds. */
export const GOODBYE_MS = 1000;

/**
 * A connection that outlives its sockets.
 *
 * - Nothing happens before `open`; after `close`, or once the status is `ended`, nothing ever again.
 * - Rooms that were joined are joined again after a break, with what was missed in them.
 * - What was said is sent in order, at the server's rate, until it is confirmed or refused.
 */
export class Connection {
  readonly #options: ConnectionOptions;
  readonly #listener: ConnectionListener;
  readonly #clock: Clock;
  readonly #outbox: Outbox;
  readonly #marks = new Marks();
  readonly #ended = Promise.withResolvers<void>();
  #socket: ClientSocket | undefined;
  #handshake: Handshake | undefined;
  #session: string | undefined;
  #loginId = "";
  #name: string;
  #status: Status = { kind: "connecting" };
  #attempts = 0;
  #closing: string | undefined;
  #onlineSince = 0;
  #heardAt = 0;
  #cancelTimer: () => void = () => {};

  constructor(options: ConnectionOptions, listener: ConnectionListener) {
    this.#options = options;
    this.#listener = listener;
    this.#clock = options.clock ?? systemClock;
    this.#name = options.name;
    this.#outbox = new Outbox((request) => this.#send(request), this.#clock);
    this.#marks.claim(options.room);
  }

  /** The name that we have, or are about to ask for. */
  get name(): string {
    return this.#name;
  }

  /** The server's limits; `undefined` while there is no server. */
  get limits(): Limits | undefined {
    return this.#handshake?.limits;
  }

  /** What pays for uploads; `undefined` while there is no server. */
  get session(): string | undefined {
    return this.#handshake?.session;
  }

  get isOnline(): boolean {
    return this.#status.kind === "online";
  }

  /** How much was said and is not confirmed. */
  get unconfirmed(): number {
    return this.#outbox.size;
  }

  /** Begins. To be called once. */
  open(): void {
    this.#connect();
  }

  /** Asks for a name after the server refused the last one. */
  login(name: string): void {
    this.#name = name;
    if (this.#handshake !== undefined) this.#login();
  }

  /**
   * Says something, now or as soon as there is a server.
   *
   * @throws {RefusedError} (as a rejection) if the server refuses it, or the connection ends before
   */
  say(said: Said): Promise<Confirmation> {
    if (this.#status.kind === "ended") {
      return Promise.reject(new RefusedError("lost", "Cannot send: the connection has ended"));
    }
    return this.#outbox.add({ ...said, id: this.#newId() });
  }

  /** Asks something. Returns the request's id; `undefined` if there is nobody to ask. */
  ask(asked: Asked): string | undefined {
    if (!this.isOnline) return undefined;
    const id = this.#newId();
    this.#send({ ...asked, id });
    return id;
  }

  /** Enters a room, now or as soon as there is a server. */
  join(room: string): void {
    const claim = this.#marks.claim(room);
    if (this.isOnline) this.#send({ type: "join", room, ...claim, id: this.#newId() });
  }

  /** Leaves a room. */
  leave(room: string): void {
    this.#marks.forget(room);
    if (this.isOnline) this.#send({ type: "leave", room, id: this.#newId() });
  }

  /** Says goodbye with close code 1000 and waits at most {@linkcode GOODBYE_MS} for the answer. */
  async close(reason = ""): Promise<void> {
    if (this.#status.kind === "ended") return;
    const socket = this.#socket;
    this.#cancelTimer();
    this.#closing = reason;
    if (socket === undefined) return this.#end(1000, reason);
    const cancel = this.#clock.after(GOODBYE_MS, () => this.#end(1000, reason));
    socket.close(1000, reason);
    await this.#ended.promise;
    cancel();
  }

  #connect(): void {
    this.#setStatus({ kind: "connecting" });
    const { url, token, open = openWebSocket } = this.#options;
    const protocols = offeredProtocols(token?.reveal());
    const isCurrent = () => this.#socket === socket;
    const events: SocketEvents = {
      opened: (protocol) => {
        if (isCurrent() && protocol !== LINES) {
          this.#drop("the server there does not speak hubbub.v1");
        }
      },
      received: (frame) => {
        if (isCurrent()) this.#receive(frame);
      },
      closed: (code, reason) => {
        if (isCurrent()) this.#closed(code, reason);
      },
    };
    const socket: ClientSocket = open(url.socket, protocols, events);
    this.#socket = socket;
    this.#timer(GREETING_MS, () => this.#drop("no greeting came"));
  }

  #receive(frame: string): void {
    this.#heardAt = this.#clock.now();
    let messages: ServerMessage[];
    try {
      messages = decodeFrame(frame);
    } catch {
      return this.#drop("what came was no message of hubbub.v1");
    }
    const socket = this.#socket;
    for (const message of messages) {
      // The listener may have closed the connection meanwhile.
      if (this.#socket !== socket) return;
      this.#take(message);
    }
  }

  #take(message: ServerMessage): void {
    switch (message.type) {
      case "handshake":
        return this.#greeted(message);
      case "login":
        if (message.id === this.#loginId && this.#loginId !== "") this.#loggedIn(message.from);
        break;
      case "rename":
        if (message.from === this.#name) this.#name = message.content;
        break;
      case "user":
      case "file": {
        const isNew = this.#marks.see(message);
        this.#outbox.confirm(message);
        if (!isNew) return;
        break;
      }
      case "direct":
        this.#outbox.confirm(message);
        break;
      case "history": {
        const history = this.#marks.caughtUp(message);
        for (const kept of message.messages) this.#outbox.confirm(kept);
        return this.#listener.message(history);
      }
      case "error":
        if (message.id === this.#loginId && this.#loginId !== "") {
          return this.#loginRefused(message);
        }
        if (this.#outbox.refuse(message)) return;
    }
    this.#listener.message(message);
  }

  #greeted(handshake: Handshake): void {
    this.#handshake = handshake;
    this.#marks.epoch = handshake.epoch;
    this.#timer(SILENCE_MS, () => this.#watch());
    this.#listener.message(handshake);
    this.#login();
  }

  #login(): void {
    const { token } = this.#options;
    const [room = this.#options.room] = this.#marks.rooms;
    this.#loginId = this.#newId();
    this.#send({
      type: "login",
      content: this.#name,
      room,
      ...this.#marks.claim(room),
      id: this.#loginId,
      ...(this.#session !== undefined && { session: this.#session }),
      ...(token !== undefined && { token: token.reveal() }),
    });
  }

  #loggedIn(name: string): void {
    this.#loginId = "";
    this.#name = name;
    this.#session = this.#handshake?.session;
    this.#onlineSince = this.#clock.now();
    for (const room of this.#marks.rooms.slice(1)) {
      this.#send({ type: "join", room, ...this.#marks.claim(room), id: this.#newId() });
    }
    this.#setStatus({ kind: "online" });
    const limits = this.#handshake?.limits;
    if (limits !== undefined) this.#outbox.ready(limits);
  }

  #loginRefused(error: ErrorMessage): void {
    this.#loginId = "";
    // A server that cannot serve now is one to come back to; everything else is for somebody to decide.
    if (error.code === "unavailable" || error.code === "rate_limited") {
      this.#drop(error.content);
    } else {
      this.#setStatus({ kind: "refused", error });
    }
  }

  /** Asks a silent server for a sign of life, and gives a dead one up. */
  #watch(): void {
    const silence = this.#clock.now() - this.#heardAt;
    if (silence >= 2 * SILENCE_MS) return this.#drop("the server is silent");
    if (silence >= SILENCE_MS) this.#send({ type: "ping" });
    const wait = SILENCE_MS - silence;
    this.#timer(wait > 0 ? wait : SILENCE_MS, () => this.#watch());
  }

  /** Lets go of a socket that is of no use, without waiting for it. */
  #drop(reason: string): void {
    const socket = this.#socket;
    this.#socket = undefined;
    socket?.close(1000);
    this.#closed(1006, reason);
  }

  #closed(code: number, reason: string): void {
    this.#socket = undefined;
    this.#handshake = undefined;
    this.#loginId = "";
    this.#cancelTimer();
    this.#outbox.lost();
    if (this.#closing !== undefined) return this.#end(1000, this.#closing);
    if (!shouldReconnect(code)) return this.#end(code, reason);
    const now = this.#clock.now();
    const stable = this.isOnline && now - this.#onlineSince >= STABLE_AFTER;
    this.#attempts = stable ? 1 : this.#attempts + 1;
    const ms = delay(this.#attempts, this.#clock.random());
    this.#setStatus({ kind: "waiting", ms, reason: reason === "" ? "the line broke" : reason });
    // The listener may have ended it.
    if (this.#status.kind === "waiting") this.#timer(ms, () => this.#connect());
  }

  #end(code: number, reason: string): void {
    if (this.#status.kind === "ended") return;
    this.#socket = undefined;
    this.#handshake = undefined;
    this.#cancelTimer();
    this.#setStatus({ kind: "ended", code, reason });
    const problem = `Cannot send: the connection has ended${reason === "" ? "" : ` (${reason})`}`;
    this.#outbox.abandon(new RefusedError("lost", problem));
    this.#ended.resolve();
  }

  #send(request: ClientRequest): void {
    this.#socket?.send(JSON.stringify(request));
  }

  #setStatus(status: Status): void {
    this.#status = status;
    this.#listener.status(status);
  }

  #timer(ms: number, run: () => void): void {
    this.#cancelTimer();
    this.#cancelTimer = this.#clock.after(ms, run);
  }

  #newId(): string {
    return this.#options.newId?.() ?? crypto.randomUUID();
  }
}
