/**
 * The parts of a client, and what a break or the end of the connection means to each of them.
 *
 * @module
 */
import { LOBBY } from "../protocol/wire.js";
import { socketUrl } from "./address.js";
import { Emitter } from "./emitter.js";
import { systemEnvironment } from "./environment.js";
import { RefusedError } from "./errors.js";
import { Inbox } from "./inbox.js";
import { Pacer } from "./pacer.js";
import { ReconnectingSocket } from "./reconnecting_socket.js";
import { Requests } from "./requests.js";
import { Rooms } from "./rooms.js";
import { SendQueue } from "./send_queue.js";
import { Session } from "./session.js";

/** @typedef {import("../protocol/messages.ts").ErrorMessage} ErrorMessage */
/** @typedef {import("./types.js").ClientOptions} ClientOptions */

export class Core {
  /** @type {Emitter<import("./types.js").Events>} */
  events = new Emitter();
  rooms = new Rooms();
  environment;
  socket;
  requests;
  session;
  queue;
  inbox;
  /** Why the client closed, if the server refused its login. @type {RefusedError | undefined} */
  #refusal;

  /**
   * @param {string | URL} address
   * @param {ClientOptions} options
   * @throws {TypeError} if the address cannot be read or the token cannot be offered
   */
  constructor(address, options) {
    const { events, rooms } = this;
    const environment = { ...systemEnvironment, ...options.environment };
    const pacer = new Pacer(environment.now);
    const socket = new ReconnectingSocket(
      { url: socketUrl(address), token: options.token },
      environment,
      { message: (message) => this.inbox.take(message), change: (state) => this.#changed(state) },
    );
    const requests = new Requests((message) => {
      pacer.spend();
      return socket.send(message);
    }, environment);
    const session = new Session({ socket, requests, rooms, pacer, environment }, options);
    const queue = new SendQueue({
      send: (request) => socket.send(request),
      // The server refuses what is said in a room that nobody asked to enter.
      isReady: (key) => !rooms.has(key) || rooms.isEntered(key),
      failed: (item, error) => events.emit("failed", item, error),
      pacer,
      environment,
      persistence: options.persistence,
    });
    const loginRefused = (/** @type {ErrorMessage} */ error) => this.#loginRefused(error);
    const parts = { session, requests, queue, rooms, events, loginRefused };
    this.inbox = new Inbox(parts, options.epoch ?? "");
    this.environment = environment;
    this.socket = socket;
    this.requests = requests;
    this.session = session;
    this.queue = queue;
    for (const room of options.rooms ?? [LOBBY]) rooms.add(room);
  }

  /** Connects, whatever the end of the last connection was. */
  start() {
    this.#refusal = undefined;
    this.socket.start();
  }

  /** What a promise rejects with once the client has ended. @param {string} verb */
  closed(verb) {
    const { reason } = this.socket.state;
    const why = reason === "" ? "" : ` (${reason})`;
    return this.#refusal ??
      new RefusedError("closed", `Cannot ${verb}: the connection has ended${why}`);
  }

  /** @param {import("./backoff.js").ConnectionState} state */
  #changed(state) {
    if (state.phase === "waiting" || state.phase === "stopped") {
      this.session.lost();
      this.inbox.lost();
      this.rooms.lost();
      this.queue.lost();
      this.requests.lost();
    }
    this.events.emit("status", state);
    // A listener may have started it anew.
    if (this.socket.state.phase !== "stopped") return;
    this.queue.abandon(this.closed("send"));
    this.session.abandon(this.closed("join"));
  }

  /** @param {ErrorMessage} error */
  #loginRefused(error) {
    if (!this.session.refused(error)) return;
    if (this.events.has("refused")) return this.events.emit("refused", error);
    this.#refusal = new RefusedError(error.code, error.content);
    void this.socket.close();
  }
}
