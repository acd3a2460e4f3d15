/**
 * The line to the server: opens the socket, notices when it is dead, and opens it again when
 * `logic/backoff.js` says so. Knows nothing of rooms.
 *
 * @module
 */
import { decodeFrame, LINES } from "../../protocol/wire.js";
import { advanced, closed, idle } from "../logic/backoff.js";

/** @typedef {import("../logic/types.js").ServerMessage} ServerMessage */
/** @typedef {import("../logic/backoff.js").ConnectionState} ConnectionState */

/** A line silent for this long, in milliseconds, is asked whether it lives. */
export const QUIET = 25_000;

/** An answer takes no longer than this, in milliseconds, or the line is dead. */
export const PATIENCE = 8_000;

/** A close that never arrived, as RFC 6455 §7.4.1 numbers it. */
const ABNORMAL = 1006;

/**
 * The world outside, handed in.
 *
 * @typedef {object} Environment
 * @property {() => number} now milliseconds since 1970
 * @property {() => number} random from 0 up to, not including, 1
 * @property {(run: () => void, milliseconds: number) => () => void} later runs once; returns how
 * to call it off
 * @property {(url: string, protocol: string) => WebSocket} socket
 */

export class Connection {
  state = idle();
  #url;
  #environment;
  #on;
  /** @type {WebSocket | null} */
  #socket = null;
  #heard = 0;
  #cancel = () => {};

  /**
   * @param {string} url
   * @param {Environment} environment
   * @param {{ message: (message: ServerMessage) => void, change: () => void }} on
   */
  constructor(url, environment, on) {
    this.#url = url;
    this.#environment = environment;
    this.#on = on;
  }

  /** Connects, unless it is connected or about to be. */
  start() {
    const { phase } = this.state;
    if (phase === "connecting" || phase === "open" || phase === "online") return;
    this.#open();
  }

  /** Gives up the line and does not come back by itself. */
  stop() {
    this.#drop();
    this.#become({ ...idle(), since: this.#environment.now() });
  }

  /** The server accepted the login. */
  loggedIn() {
    this.#become(advanced(this.state, "online", this.#environment.now()));
  }

  /** The network or the tab came back: connects at once, or asks whether the line still lives. */
  nudge() {
    if (this.state.phase === "waiting") this.#open();
    else if (this.state.phase === "online") this.#probe();
  }

  /**
   * @param {object} message
   * @returns {boolean} whether it was handed to an open socket, which does not say that it arrives
   */
  send(message) {
    if (this.#socket?.readyState !== WebSocket.OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  #open() {
    this.#drop();
    const { now, socket: connect } = this.#environment;
    this.#become(advanced(this.state, "connecting", now()));
    const socket = connect(this.#url, LINES);
    this.#socket = socket;
    socket.addEventListener("message", (event) => {
      if (socket === this.#socket) this.#receive(String(event.data));
    });
    socket.addEventListener("close", (event) => {
      if (socket === this.#socket) this.#closed(event.code);
    });
    this.#after(PATIENCE, () => this.#closed(ABNORMAL));
  }

  /** @param {string} frame */
  #receive(frame) {
    this.#heard = this.#environment.now();
    for (const message of decodeFrame(frame)) {
      if (message.type === "handshake") {
        this.#become(advanced(this.state, "open", this.#heard));
        this.#watch();
      }
      this.#on.message(message);
    }
  }

  /** Waits for the line to fall silent. */
  #watch() {
    const quietFor = this.#environment.now() - this.#heard;
    this.#after(Math.max(0, QUIET - quietFor), () => {
      if (this.#environment.now() - this.#heard < QUIET) this.#watch();
      else this.#probe();
    });
  }

  /** Asks for a sign of life. */
  #probe() {
    const asked = this.#environment.now();
    this.send({ type: "ping" });
    this.#after(PATIENCE, () => {
      if (this.#heard >= asked) this.#watch();
      else this.#closed(ABNORMAL);
    });
  }

  /** @param {number} code */
  #closed(code) {
    this.#drop();
    const { now, random } = this.#environment;
    this.#become(closed(this.state, code, now(), random()));
    if (this.state.phase !== "waiting") return;
    this.#after(this.state.retryAt - now(), () => this.#open());
  }

  /** Lets go of the socket without waiting for it. */
  #drop() {
    this.#cancel();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /**
   * One timer is enough: each thing that is waited for takes the place of the one before.
   *
   * @param {number} milliseconds
   * @param {() => void} run
   */
  #after(milliseconds, run) {
    this.#cancel();
    this.#cancel = this.#environment.later(run, milliseconds);
  }

  /** @param {ConnectionState} state */
  #become(state) {
    this.state = state;
    this.#on.change();
  }
}
