/**
 * Who the client is on its server: logs in after each handshake, and is the same user again after a
 * break.
 *
 * @module
 */
import { LOBBY } from "../protocol/wire.js";
import { CLOSE_SESSION_ENDED } from "./backoff.js";
import { isTemporary } from "./errors.js";

/** @typedef {import("../protocol/messages.ts").Handshake} Handshake */
/** @typedef {import("../protocol/messages.ts").Presence} Presence */
/** @typedef {import("../protocol/messages.ts").User} User */
/** @typedef {import("../protocol/messages.ts").ErrorMessage} ErrorMessage */

/** Wait after a temporary refusal of a login without `retry_ms`, in milliseconds. */
const RETRY_MS = 2_000;

/** Refusals of a login that may be about its room. @type {ReadonlySet<string>} */
const ABOUT_ROOM = new Set(["forbidden", "muted", "no_such_room", "too_many", "too_many_rooms"]);

/**
 * What a session works with.
 *
 * @typedef {object} SessionParts
 * @property {import("./reconnecting_socket.js").ReconnectingSocket} socket
 * @property {import("./rooms.js").Rooms} rooms
 * @property {import("./pacer.js").Pacer} pacer
 * @property {import("./environment.js").Environment} environment
 * @property {(reason: string) => void} ended called when the session is over but the client goes on as
 * a new guest; must call `forget`
 */

export class Session {
  /** The name that we have, or are about to ask for; empty: none is chosen yet. */
  name;
  /** Who we are; undefined before the first login, and once the session has ended. @type {User | undefined} */
  user;
  /** Of the open connection. @type {Handshake | undefined} */
  handshake;
  #parts;
  /** What a new guest would be called; empty: we never become one. */
  #guestName;
  #remember;
  /** Secret that the server has told; empty if it has not. */
  #secret = "";
  /** Whether the handshake told who we are: a cookie or a credential did. */
  #isRecognised = false;
  /** The next login asks for `name`, though a session tells who we are. */
  #renames = false;
  /** The login that is under way. @type {{ id: string, room: string | undefined } | undefined} */
  #login;
  /** The server refused us: there is no login until `login` is called. */
  #isRefused = false;
  #cancelTimer = () => {};

  /**
   * @param {SessionParts} parts
   * @param {{ name?: string | undefined, remember?: boolean | undefined }} options
   */
  constructor(parts, { name = "", remember = false }) {
    this.#parts = parts;
    this.name = name;
    this.#guestName = name;
    this.#remember = remember;
  }

  /** The secret that proves who we are; empty: none, or only a cookie does. */
  get secret() {
    return this.#secret || (this.#parts.socket.credential ?? "");
  }

  /** @param {Handshake} handshake */
  greeted(handshake) {
    this.handshake = handshake;
    this.#parts.rooms.greeted(handshake);
    this.#parts.pacer.start(handshake.limits);
    if (this.#isRefused) return;
    // The cookie told who we were, and does so no more.
    if (this.#isRecognised && !handshake.user) return this.#ended("the session has ended");
    if (this.#isKnown || this.#guestName !== "") this.#logIn();
  }

  /**
   * Logs in, now or after the next handshake.
   *
   * @param {string | undefined} name undefined: as who we are
   */
  login(name) {
    if (this.#login && (name ?? this.name) === this.name) return;
    if (name !== undefined) {
      this.name = name;
      this.#guestName = name;
      this.#renames = true;
    }
    this.#isRefused = false;
    const isPossible = this.#isKnown || this.#guestName !== "";
    if (this.#parts.socket.state.phase === "open" && isPossible) this.#logIn();
  }

  /** Whether a message of the server answers our login. @param {{ id?: string }} message */
  isLoginAnswer({ id }) {
    return id !== undefined && id === this.#login?.id;
  }

  /**
   * @param {Presence} answer to the login
   * @returns {boolean} whether we are another user than before
   */
  accepted({ user, by, from, session }) {
    const before = this.user?.id;
    const { handshake } = this;
    const isNew = !this.#isKnown;
    this.#login = undefined;
    this.#renames = false;
    this.user = user ?? { id: by, name: from, role: "guest" };
    this.name = this.user.name;
    if (this.#guestName !== "") this.#guestName = this.name;
    this.#isRecognised = handshake?.user !== undefined;
    if (this.#isRecognised) this.#secret = session ?? "";
    else this.#secret = session ?? (isNew ? handshake?.session ?? "" : this.#secret);
    return before !== undefined && before !== this.user.id;
  }

  /** We are called differently from now on. @param {string} name */
  renamed(name) {
    this.name = name;
    if (this.#guestName !== "") this.#guestName = name;
    if (this.user) this.user = { ...this.user, name };
  }

  /**
   * @param {ErrorMessage} error
   * @returns {boolean} whether the refusal is final: the caller decides what to do next
   */
  refused({ code, content, retry_ms }) {
    const room = this.#login?.room;
    this.#login = undefined;
    if (code === "unauthorized" && this.#isKnown) {
      this.#ended(content);
      return false;
    }
    if (ABOUT_ROOM.has(code) && room !== undefined && room !== LOBBY) {
      // If that was the reason, the room is refused once more when it is entered with the others.
      this.#logIn(LOBBY);
      return false;
    }
    if (!isTemporary(code)) return this.#isRefused = true;
    const { environment, socket } = this.#parts;
    this.#cancelTimer = environment.later(() => {
      if (socket.state.phase === "open") this.#logIn();
    }, retry_ms ?? RETRY_MS);
    return false;
  }

  /**
   * Nobody is who we were: the session has ended, or somebody else is about to use this client.
   *
   * @param {string} [guestName] what a new guest is to be called
   */
  forget(guestName = this.#guestName) {
    this.user = undefined;
    this.#secret = "";
    this.#isRecognised = false;
    this.#isRefused = false;
    this.#renames = false;
    this.#guestName = guestName;
    this.name = guestName;
    this.#parts.socket.credential = undefined;
  }

  /** The connection broke. */
  lost() {
    this.#cancelTimer();
    this.handshake = undefined;
    this.#login = undefined;
  }

  /** Whether the server knows who we are without a name. */
  get #isKnown() {
    return this.handshake?.user !== undefined || this.#secret !== "";
  }

  /**
   * A session that has ended opens nothing any more. A guest begins anew under its name; everybody else
   * is signed out, because nobody becomes a guest unasked.
   *
   * @param {string} reason
   */
  #ended(reason) {
    const { socket, ended } = this.#parts;
    const isGuest = this.user === undefined || this.user.role === "guest";
    const mayReturn = isGuest && this.#guestName !== "" && socket.credential === undefined &&
      this.handshake?.user === undefined;
    if (!mayReturn) return socket.end(CLOSE_SESSION_ENDED, reason);
    ended(reason);
    // A listener may have closed the client, or logged in.
    if (socket.state.phase === "open" && !this.#login) this.#logIn();
  }

  /** @param {string} [preferred] the room to enter with it */
  #logIn(preferred) {
    const { environment, pacer, rooms, socket } = this.#parts;
    const room = preferred ?? rooms.names.find((name) => !name.startsWith("@"));
    const isKnown = this.#isKnown;
    const usesSecret = this.#secret !== "" && this.handshake?.user === undefined;
    this.#cancelTimer();
    this.#login = { id: environment.newId(), room };
    pacer.spend();
    socket.send({
      type: "login",
      ...((!isKnown || this.#renames) && { content: this.name }),
      ...(room !== undefined && { room, ...rooms.claim(room) }),
      id: this.#login.id,
      ...(usesSecret && { session: this.#secret }),
      ...(!isKnown && this.#remember && { remember: true }),
    });
  }
}
