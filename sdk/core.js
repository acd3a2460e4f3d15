/**
 * The parts of a client, and what a break or the end of the connection means to each of them.
 *
 * @module
 */
import { LOBBY } from "../protocol/wire.js";
import { httpUrl, socketUrl } from "./address.js";
import { CLOSE_SESSION_ENDED } from "./backoff.js";
import { isChange } from "./changes.js";
import { Emitter } from "./emitter.js";
import { Entries } from "./entries.js";
import { systemEnvironment } from "./environment.js";
import { RefusedError } from "./errors.js";
import { isRefused } from "./http.js";
import { Inbox } from "./inbox.js";
import { Memberships } from "./memberships.js";
import { PageWatches } from "./page_watches.js";
import { Pacer } from "./pacer.js";
import { People } from "./people.js";
import { Reading } from "./reading.js";
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
  people = new People();
  memberships = new Memberships();
  pages = new PageWatches(() => this.session.user?.id);
  environment;
  socket;
  requests;
  session;
  entries;
  queue;
  reading;
  inbox;
  #address;
  /** The phase before this one. @type {import("./backoff.js").ConnectionState["phase"]} */
  #before = "idle";
  /** Why the client closed, if the server refused its login. @type {RefusedError | undefined} */
  #refusal;

  /**
   * @param {string | URL} address
   * @param {ClientOptions} options
   * @throws {TypeError} if the address cannot be read or the session or token cannot be offered
   */
  constructor(address, options) {
    const { events, pages, rooms } = this;
    const environment = { ...systemEnvironment, ...options.environment };
    const pacer = new Pacer(environment.now);
    const socket = new ReconnectingSocket(
      { url: socketUrl(address), credential: options.token ?? (options.session || undefined) },
      environment,
      { message: (message) => this.inbox.take(message), change: (state) => this.#changed(state) },
    );
    const requests = new Requests((message) => {
      pacer.spend();
      return socket.send(message);
    }, environment);
    const ended = (/** @type {string} */ reason) => {
      this.#forget();
      events.emit("session-ended", reason);
    };
    this.session = new Session({ socket, rooms, pacer, environment, ended }, options);
    const refused = (/** @type {string} */ room, /** @type {RefusedError} */ error) =>
      events.emit("join-refused", { room, error });
    this.entries = new Entries({ socket, requests, rooms, pages, pacer, environment, refused });
    this.queue = new SendQueue({
      send: (request) => socket.send(request),
      // The server refuses what is said in a room that nobody asked to enter; in a direct conversation
      // one need not be let in.
      isReady: (key) => key.startsWith("@") || !rooms.has(key) || rooms.isEntered(key),
      failed: (item, error) => events.emit("failed", item, error),
      pacer,
      environment,
      persistence: options.persistence,
    });
    this.environment = environment;
    this.socket = socket;
    this.requests = requests;
    this.reading = new Reading({ send: (room, seq) => this.#sendRead(room, seq), environment });
    this.inbox = new Inbox(this.#inboxParts(options), options.epoch ?? "");
    this.#address = address;
    const names = options.rooms === "memberships" ? [LOBBY] : options.rooms ?? [LOBBY];
    for (const room of names) rooms.add(room);
  }

  /** Where something is below the server's page. @param {string} path */
  url(path) {
    return httpUrl(this.#address, path);
  }

  /**
   * Connects as somebody else, once the last connection is closed.
   *
   * @param {{ session?: string | undefined, name?: string | undefined }} who
   */
  async become({ session, name = "" }) {
    await this.socket.close();
    this.queue.clear(new RefusedError("closed", "Cannot send: somebody else uses the client now"));
    this.#forget(name);
    this.socket.credential = session;
    this.start();
  }

  /**
   * Asks the server something. What happens to the messages of a page while it is on its way is in it. A
   * message is not changed while it may be another one than the user sees.
   *
   * @param {import("./types.js").Question} question
   */
  async ask(question) {
    const room = isChange(question) && "room" in question ? question.room : undefined;
    const settled = room !== undefined && this.#settled(room);
    if (settled) await settled;
    if (question.type !== "history") return this.requests.ask(question);
    const watch = this.pages.watch();
    try {
      const page = await this.requests.ask(question);
      return page.type === "history" ? watch.apply(page) : page;
    } finally {
      watch.end();
    }
  }

  /** @param {string} room */
  #settled(room) {
    if (this.socket.state.phase !== "online") return undefined;
    return this.rooms.isAwaited(room) ? this.entries.settled(room) : undefined;
  }

  /** Says goodbye. @param {string | undefined} reason */
  close(reason) {
    this.reading.flush();
    return this.socket.close(reason);
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
    const before = this.#before;
    this.#before = state.phase;
    if (state.phase === "waiting" || state.phase === "stopped") {
      this.session.lost();
      this.entries.lost();
      this.reading.lost();
      this.inbox.lost();
      this.rooms.lost();
      this.queue.lost();
      this.requests.lost();
    }
    const isSignedOut = state.phase === "stopped" && state.code === CLOSE_SESSION_ENDED;
    if (isSignedOut) this.#forget();
    this.events.emit("status", state);
    if (isSignedOut) this.events.emit("session-ended", state.reason);
    if (state.phase === "waiting" && before === "connecting") void this.#checkCredential();
    // A listener may have started it anew.
    if (this.socket.state.phase !== "stopped") return;
    this.queue.abandon(this.closed("send"));
    this.entries.abandon(this.closed("join"));
  }

  /** Nobody is who the client was. @param {string} [guestName] */
  #forget(guestName) {
    this.session.forget(guestName);
    this.memberships.set(undefined);
    this.reading.clear();
    this.rooms.deleteDirect();
  }

  /**
   * A WebSocket does not tell that it was refused with 401 because its session is over: asks, so that a
   * client does not try for ever.
   */
  async #checkCredential() {
    const { credential } = this.socket;
    if (credential === undefined) return;
    const url = this.url("api/session");
    if (!await isRefused(this.environment.fetch, url, credential)) return;
    if (this.socket.credential !== credential || this.socket.state.phase === "stopped") return;
    this.socket.end(CLOSE_SESSION_ENDED, "the session has ended, or was never one");
  }

  /**
   * @param {string} room
   * @param {number} seq
   * @returns {boolean} whether the server is told; not if it keeps no markers for this user
   */
  #sendRead(room, seq) {
    if (!this.memberships.isKept || this.socket.state.phase !== "online") return false;
    // A marker that is lost is told with the next one, or after the next login.
    this.requests.ask({ type: "read", room, seq }).catch(() => {});
    return true;
  }

  /**
   * @param {ClientOptions} options
   * @returns {import("./inbox.js").InboxParts}
   */
  #inboxParts({ rooms }) {
    return {
      ...this,
      loggedIn: () => {
        this.socket.loggedIn();
        this.entries.enterAll();
        this.queue.start(this.session.user?.id ?? "");
      },
      loginRefused: (error) => this.#loginRefused(error),
      entersMemberships: rooms === "memberships",
    };
  }

  /** @param {ErrorMessage} error */
  #loginRefused(error) {
    if (!this.session.refused(error)) return;
    if (this.events.has("refused")) return this.events.emit("refused", error);
    this.#refusal = new RefusedError(error.code, error.content);
    void this.socket.close();
  }
}
