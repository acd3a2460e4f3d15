/**
 * The connection under a client: opens a WebSocket, notices when it is dead, and opens the next one
 * when `backoff.js` says so. Knows nothing of rooms or logins.
 *
 * @module
 */
import { decodeFrame, LINES } from "../protocol/wire.js";
import { bearerEntry } from "./address.js";
import { advanced, closed, idle, stopped } from "./backoff.js";

/** @typedef {import("../protocol/messages.ts").ServerMessage} ServerMessage */
/** @typedef {import("./backoff.js").ConnectionState} ConnectionState */
/** @typedef {import("./environment.js").Environment} Environment */

/** A server that has not sent its handshake by then is given up, in milliseconds. */
export const HANDSHAKE_MS = 10_000;

/** A connection silent for this long is asked for a heartbeat with `ping`, in milliseconds. */
export const HEARTBEAT_MS = 25_000;

/** A heartbeat takes no longer than this, or the connection is dead, in milliseconds. */
export const ANSWER_MS = 8_000;

/** Longest wait for the server's answer to our closing frame, in milliseconds. */
export const CLOSE_MS = 1_000;

/** A close that never arrived, as RFC 6455 §7.4.1 numbers it. */
const ABNORMAL = 1006;

/** `WebSocket.OPEN`, which not every runtime offers as a global. */
const OPEN = 1;

/**
 * A WebSocket that comes back.
 *
 * - Nothing happens before `start`, and nothing after `close` until `start` is called again.
 * - Messages come in the server's order; a frame that cannot be read ends the connection.
 */
export class ReconnectingSocket {
  state = idle();
  /** Offered with each handshake, as the subprotocol entry `bearer.CREDENTIAL`. @type {string | undefined} */
  credential;
  #url;
  #environment;
  #on;
  /** @type {import("./environment.js").SocketLike | null} */
  #socket = null;
  #heardAt = 0;
  /** Nothing has come since the last `ping`. */
  #owesHeartbeat = false;
  #cancelTimer = () => {};
  /** What `close` waits for. @type {{ reason: string, done: Promise<void>, resolve: () => void } | null} */
  #closing = null;

  /**
   * @param {{ url: string, credential?: string | undefined }} options
   * @param {Environment} environment
   * @param {{ message: (message: ServerMessage) => void, change: (state: ConnectionState) => void }} on
   * @throws {TypeError} if the credential cannot be offered
   */
  constructor({ url, credential }, environment, on) {
    this.#url = url;
    this.credential = credential;
    if (credential !== undefined) bearerEntry(credential);
    this.#environment = environment;
    this.#on = on;
  }

  /** Connects, unless it is connected or about to be. */
  start() {
    const { phase } = this.state;
    if (phase === "connecting" || phase === "open" || phase === "online") return;
    this.#open();
  }

  /** The server accepted the login. */
  loggedIn() {
    this.#become(advanced(this.state, "online", this.#environment.now()));
  }

  /** The network came back: connects at once, or asks whether the connection still lives. */
  nudge() {
    const { phase } = this.state;
    if (phase === "waiting") this.#open();
    else if (phase === "open" || phase === "online") this.#probe();
  }

  /**
   * Closes with code 1000, and does not come back by itself.
   *
   * @param {string} [reason] at most 123 bytes of UTF-8
   * @returns {Promise<void>} resolves when the server has answered, at the latest after
   * {@linkcode CLOSE_MS}
   */
  close(reason = "") {
    if (this.#closing) return this.#closing.done;
    if (!this.#socket) {
      this.#stop(reason);
      return Promise.resolve();
    }
    let resolve = () => {};
    const done = new Promise((/** @type {(value: void) => void} */ settle) => resolve = settle);
    this.#closing = { reason, done, resolve };
    this.#after(CLOSE_MS, () => this.#closed(1000, reason));
    this.#socket.close(1000, reason);
    return done;
  }

  /**
   * @param {object} message
   * @returns {boolean} whether it was handed to an open socket, which does not say that it arrives
   */
  send(message) {
    if (this.#socket?.readyState !== OPEN) return false;
    this.#socket.send(JSON.stringify(message));
    return true;
  }

  /** Lets go of a connection that is of no use, and comes back later. @param {string} reason */
  fail(reason) {
    this.#closed(ABNORMAL, reason);
  }

  /**
   * Stops as if the server had closed the connection with this code.
   *
   * @param {number} code one after which a client does not come back
   * @param {string} reason
   */
  end(code, reason) {
    if (this.#closing) return;
    this.#drop();
    this.#become(stopped({ code, reason }, this.#environment.now()));
  }

  #open() {
    this.#drop();
    this.#become(advanced(this.state, "connecting", this.#environment.now()));
    const { credential } = this;
    const protocols = credential === undefined ? [LINES] : [LINES, bearerEntry(credential)];
    const socket = this.#environment.socket(this.#url, protocols);
    this.#socket = socket;
    let problem = "";
    const isCurrent = () => this.#socket === socket;
    socket.addEventListener("open", () => {
      if (!isCurrent() || socket.protocol === LINES) return;
      this.fail("the server does not speak hubbub.v1");
    });
    socket.addEventListener("message", ({ data }) => {
      if (isCurrent() && typeof data === "string") this.#receive(data);
    });
    socket.addEventListener("error", (event) => {
      // Without this, Deno takes an error of a socket for an uncaught one.
      event.preventDefault?.();
      problem = shorten(event.message);
    });
    socket.addEventListener("close", ({ code, reason }) => {
      if (isCurrent()) this.#closed(code, reason || problem);
    });
    this.#after(HANDSHAKE_MS, () => this.fail("the server sent no handshake in time"));
  }

  /** @param {string} frame */
  #receive(frame) {
    const socket = this.#socket;
    this.#heardAt = this.#environment.now();
    this.#owesHeartbeat = false;
    let messages;
    try {
      messages = decodeFrame(frame);
    } catch {
      return this.fail("the server sent a frame that is not hubbub.v1");
    }
    for (const message of messages) {
      // A listener may have closed the connection meanwhile.
      if (this.#socket !== socket) return;
      if (message.type === "handshake") {
        this.#become(advanced(this.state, "open", this.#heardAt));
        if (!this.#closing) this.#watch();
      }
      this.#on.message(message);
    }
  }

  /** Waits for the connection to fall silent. */
  #watch() {
    const silence = this.#environment.now() - this.#heardAt;
    this.#after(Math.max(0, HEARTBEAT_MS - silence), () => {
      if (this.#environment.now() - this.#heardAt < HEARTBEAT_MS) this.#watch();
      else this.#probe();
    });
  }

  /** Asks for a heartbeat, and gives up a server that owes it. */
  #probe() {
    if (this.#closing) return;
    this.#owesHeartbeat = true;
    this.send({ type: "ping" });
    this.#after(ANSWER_MS, () => {
      if (this.#owesHeartbeat) this.fail("the server is silent");
      else this.#watch();
    });
  }

  /**
   * @param {number} code
   * @param {string} reason
   */
  #closed(code, reason) {
    this.#drop();
    if (this.#closing) return this.#stop(this.#closing.reason);
    const { now, random } = this.#environment;
    this.#become(closed(this.state, { code, reason }, now(), random()));
    // A listener may have closed or started it anew.
    if (this.state.phase !== "waiting") return;
    this.#after(this.state.retryAt - now(), () => this.#open());
  }

  /** @param {string} reason */
  #stop(reason) {
    this.#cancelTimer();
    const closing = this.#closing;
    this.#closing = null;
    this.#become(stopped({ code: 1000, reason }, this.#environment.now()));
    closing?.resolve();
  }

  /** Lets go of the socket without waiting for it. */
  #drop() {
    this.#cancelTimer();
    const socket = this.#socket;
    this.#socket = null;
    socket?.close();
  }

  /**
   * One timer is enough: each thing that is waited for replaces the one before.
   *
   * @param {number} milliseconds
   * @param {() => void} run
   */
  #after(milliseconds, run) {
    this.#cancelTimer();
    this.#cancelTimer = this.#environment.later(run, milliseconds);
  }

  /** @param {ConnectionState} state */
  #become(state) {
    this.state = state;
    this.#on.change(state);
  }
}

/**
 * The last clauses of a runtime's error say what happened: `Connection refused`.
 *
 * @param {unknown} message browsers give none
 */
function shorten(message) {
  if (typeof message !== "string") return "";
  const last = message.replace(/\s+/g, " ").split(": ").slice(-2).join(": ");
  return last.replace(/ ?\(os error \d+\)/, "").trim();
}
