/**
 * Who the client is on its server: logs in after each handshake, takes its name back after a break,
 * and enters its rooms again.
 *
 * @module
 */
import { isTemporary, RefusedError } from "./errors.js";

/** @typedef {import("../protocol/messages.ts").Handshake} Handshake */
/** @typedef {import("../protocol/messages.ts").ErrorMessage} ErrorMessage */

/** Wait after a temporary refusal of a login without `retry_ms`, in milliseconds. */
const RETRY_MS = 2_000;

/**
 * What a session works with.
 *
 * @typedef {object} SessionParts
 * @property {import("./reconnecting_socket.js").ReconnectingSocket} socket
 * @property {import("./requests.js").Requests} requests
 * @property {import("./rooms.js").Rooms} rooms
 * @property {import("./pacer.js").Pacer} pacer
 * @property {import("./environment.js").Environment} environment
 */

export class Session {
  /** The name that we have, or are about to ask for; empty: none is chosen yet. */
  name;
  /** Of the open connection. @type {Handshake | undefined} */
  handshake;
  #parts;
  /** Secret of the last connection that logged in: it takes the name back from it. */
  #secret;
  /** Id of the login that is under way; empty if there is none. */
  #loginId = "";
  /** The server refused the name: there is no login until `login` gives another one. */
  #isRefused = false;
  /** Rooms whose `join` is under way. @type {Set<string>} */
  #entering = new Set();
  /** Pending joins, by room. @type {Map<string, { promise: Promise<void>, resolve: () => void, reject: (error: RefusedError) => void }>} */
  #entries = new Map();
  #cancelTimer = () => {};

  /**
   * @param {SessionParts} parts
   * @param {{ name: string, session?: string | undefined }} options
   */
  constructor(parts, { name, session = "" }) {
    this.#parts = parts;
    this.name = name;
    this.#secret = session;
  }

  /** @param {Handshake} handshake */
  greeted(handshake) {
    this.handshake = handshake;
    this.#parts.rooms.epoch = handshake.epoch;
    this.#parts.pacer.start(handshake.limits);
    if (this.name !== "" && !this.#isRefused) this.#login();
  }

  /**
   * Asks for a name, now or after the next handshake.
   *
   * @param {string} name
   * @throws {RefusedError} `already_logged_in` if the client is online
   */
  login(name) {
    const { phase } = this.#parts.socket.state;
    if (phase === "online") {
      const problem = `Cannot log in: already logged in as ${this.name}; ask for a rename`;
      throw new RefusedError("already_logged_in", problem);
    }
    if (this.#loginId !== "" && name === this.name) return;
    this.name = name;
    this.#isRefused = false;
    if (phase === "open") this.#login();
  }

  /** Whether a message of the server answers our login. @param {{ id?: string }} message */
  isLoginAnswer({ id }) {
    return id !== undefined && id === this.#loginId;
  }

  /** @param {string} name as the server spells it */
  accepted(name) {
    this.#loginId = "";
    this.name = name;
    this.#secret = this.handshake?.session ?? "";
    this.#parts.socket.loggedIn();
    this.#enterRooms();
  }

  /**
   * @param {ErrorMessage} error
   * @returns {boolean} whether the refusal is final: the caller decides what to do next
   */
  refused({ code, retry_ms }) {
    this.#loginId = "";
    if (!isTemporary(code)) return this.#isRefused = true;
    const { environment, socket } = this.#parts;
    this.#cancelTimer = environment.later(() => {
      if (socket.state.phase === "open") this.#login();
    }, retry_ms ?? RETRY_MS);
    return false;
  }

  /**
   * Enters a room, now or as soon as there is a server.
   *
   * @param {string} room
   * @param {Partial<import("./rooms.js").Position>} [position]
   * @returns {Promise<void>}
   */
  join(room, position) {
    const { rooms, socket } = this.#parts;
    rooms.add(room, position);
    if (rooms.isEntered(room)) return Promise.resolve();
    const promise = this.#entries.get(room)?.promise ?? this.#entry(room);
    if (socket.state.phase === "online") this.#enterRooms();
    return promise;
  }

  /** The server let us into a room. @param {string} room */
  entered(room) {
    this.#entering.delete(room);
    this.#entries.get(room)?.resolve();
    this.#entries.delete(room);
  }

  /** @param {string} room */
  leave(room) {
    const { rooms, socket } = this.#parts;
    if (rooms.isEntered(room) || this.#entering.delete(room)) {
      socket.send({ type: "leave", room });
    }
    rooms.delete(room);
    this.#refuseEntry(room, new RefusedError("closed", "Cannot join: the room was left"));
  }

  /** The connection broke. */
  lost() {
    this.#cancelTimer();
    this.handshake = undefined;
    this.#loginId = "";
    this.#entering.clear();
  }

  /** Rejects every pending join. @param {RefusedError} error */
  abandon(error) {
    for (const room of [...this.#entries.keys()]) this.#refuseEntry(room, error);
  }

  #login() {
    const { environment, pacer, rooms, socket } = this.#parts;
    const [room] = rooms.names;
    this.#loginId = environment.newId();
    pacer.spend();
    socket.send({
      type: "login",
      content: this.name,
      ...(room !== undefined && { room, ...rooms.claim(room) }),
      id: this.#loginId,
      ...(this.#secret !== "" && { session: this.#secret }),
    });
  }

  /** Enters the rooms that we are not in, as fast as the server's rate allows. */
  #enterRooms() {
    const { environment, pacer, rooms } = this.#parts;
    this.#cancelTimer();
    for (const room of rooms.names) {
      if (rooms.isEntered(room) || this.#entering.has(room)) continue;
      const { wait } = pacer;
      if (wait > 0) {
        this.#cancelTimer = environment.later(() => this.#enterRooms(), wait);
        return;
      }
      this.#enter(room);
    }
  }

  /** @param {string} room */
  async #enter(room) {
    const { requests, rooms, socket } = this.#parts;
    this.#entering.add(room);
    try {
      await requests.ask({ type: "join", room, ...rooms.claim(room) });
      // It may have been left while the rate put the request off.
      if (!rooms.has(room)) socket.send({ type: "leave", room });
    } catch (error) {
      // After a break, the room is entered with the others.
      if (!(error instanceof RefusedError) || error.code === "offline") return;
      this.#entering.delete(room);
      rooms.delete(room);
      this.#refuseEntry(room, error);
    }
  }

  /** @param {string} room */
  #entry(room) {
    let resolve = () => {};
    /** @type {(error: RefusedError) => void} */
    let reject = () => {};
    const promise = new Promise((/** @type {(value: void) => void} */ settle, fail) => {
      resolve = settle;
      reject = fail;
    });
    // A caller that does not await the promise must not crash on its rejection.
    promise.catch(() => {});
    this.#entries.set(room, { promise, resolve, reject });
    return promise;
  }

  /**
   * @param {string} room
   * @param {RefusedError} error
   */
  #refuseEntry(room, error) {
    this.#entries.get(room)?.reject(error);
    this.#entries.delete(room);
  }
}
