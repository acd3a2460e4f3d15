/**
 * The client that `hubbub.js` hands out, put together from its parts.
 *
 * @module
 */
import { Core } from "./core.js";
import { directKey } from "./names.js";

/** @typedef {import("../protocol/messages.ts").UserMessage} UserMessage */
/** @typedef {import("../protocol/messages.ts").Direct} Direct */
/** @typedef {import("./types.js").Events} Events */
/** @typedef {import("./types.js").Question} Question */
/** @typedef {import("./types.js").Answers} Answers */
/** @typedef {import("./types.js").Unsent} Unsent */
/** @typedef {import("./types.js").ClientOptions} ClientOptions */
/** @typedef {import("./backoff.js").ConnectionState} ConnectionState */

/** One user of a server, over as many connections as it takes. {@linkcode connect} makes one. */
export class HubbubClient {
  #core;
  /** @type {import("../protocol/messages.ts").Limits | undefined} */
  #limits;

  /**
   * @param {string | URL} address
   * @param {ClientOptions} options
   * @throws {TypeError}
   */
  constructor(address, options) {
    this.#core = new Core(address, options);
    this.on("handshake", ({ limits }) => this.#limits = limits);
  }

  /** What was said and is not confirmed. */
  get queue() {
    return this.#core.queue;
  }

  /** The name that the client has, or is about to ask for. */
  get name() {
    return this.#core.session.name;
  }

  /** @returns {ConnectionState} */
  get state() {
    return this.#core.socket.state;
  }

  get isOnline() {
    return this.state.phase === "online";
  }

  /** The server's limits, as its last handshake told them; undefined before the first one. */
  get limits() {
    return this.#limits;
  }

  /** The secret of the open connection, which pays for uploads; empty while there is none. */
  get session() {
    return this.#core.session.handshake?.session ?? "";
  }

  /** The rooms that the client is in, or enters as soon as it can. */
  get rooms() {
    return this.#core.rooms.names;
  }

  /**
   * Calls a function at each event of a name.
   *
   * @template {keyof Events} Name
   * @param {Name} name
   * @param {(...args: Events[Name]) => unknown} listener
   * @returns {() => void} ends it
   */
  on(name, listener) {
    return this.#core.events.on(name, listener);
  }

  /**
   * Says something in a room, now or as soon as there is a connection.
   *
   * @example
   * const { seq } = await chat.say("builds", "main is green");
   *
   * @param {string} room
   * @param {string} content
   * @param {{ id?: string, replyTo?: number }} [options] `id`: the idempotency key, at most 64 characters;
   * by default a random one
   * @returns {Promise<UserMessage>} the message as the server keeps it
   * @throws {RefusedError} (as a rejection) if the server refuses it for good, or the client is closed
   */
  say(room, content, { id, replyTo } = {}) {
    const said = { key: room, type: /** @type {const} */ ("user"), content };
    return this.send({ ...said, ...(id && { id }), ...(replyTo !== undefined && { replyTo }) });
  }

  /**
   * Says something to one person only. The server does not keep it.
   *
   * @param {string} to a name, or `#NUMBER` for a connection
   * @param {string} content
   * @returns {Promise<Direct>} the client's own copy
   * @throws {RefusedError} (as a rejection) as `say`; `lost` if the connection broke meanwhile
   */
  tell(to, content) {
    return this.send({ key: directKey(to), type: "direct", content, to });
  }

  /**
   * Announces an uploaded file in a room.
   *
   * @param {string} room
   * @param {string} fileId from the answer to the upload
   * @returns {Promise<UserMessage>}
   * @throws {RefusedError} (as a rejection) as `say`
   */
  announce(room, fileId) {
    return this.send({ key: room, type: "file", content: fileId });
  }

  /**
   * Puts a message into the send queue; `say`, `tell` and `announce` do so.
   *
   * @param {Omit<Unsent, "id" | "time" | "state"> & { id?: string }} said
   * @returns {Promise<any>} what the server makes of it
   */
  send(said) {
    const { environment: { newId, now }, queue } = this.#core;
    const kept = queue.add({ id: newId(), time: now(), state: "waiting", ...said });
    if (this.state.phase === "stopped") queue.abandon(this.#core.closed("send"));
    return kept;
  }

  /**
   * Asks the server something.
   *
   * @example
   * const { rooms } = await chat.ask({ type: "rooms" });
   * const page = await chat.ask({ type: "history", room: "builds", limit: 50 });
   *
   * @template {Question} Asked
   * @param {Asked} question a request of the protocol, without `id`
   * @returns {Promise<Answers[Asked["type"]]>}
   * @throws {RefusedError} (as a rejection) if the server refuses it; `offline` if there is no
   * connection, or it breaks before the answer
   */
  ask(question) {
    // The server answers each request with the type of message that the protocol names.
    return /** @type {Promise<any>} */ (this.#core.requests.ask(question));
  }

  /**
   * Enters a room, now or as soon as there is a connection, and again after each break.
   *
   * @param {string} room
   * @param {{ last?: number, epoch?: string }} [position] how far it was seen in an earlier run: `last`,
   * the greatest `seq`, and the `epoch` of the handshake then. What came since is told as missed
   * @returns {Promise<void>} resolves when the server has let the client in
   * @throws {RefusedError} (as a rejection) if the server refuses it, or the room is left before
   */
  join(room, position) {
    return this.#core.session.join(room, position);
  }

  /** Leaves a room for good. @param {string} room */
  leave(room) {
    this.#core.inbox.lost(room);
    this.#core.session.leave(room);
  }

  /** Enters this room before the others after a break. @param {string} room */
  prefer(room) {
    this.#core.rooms.prefer(room);
  }

  /** Tells the others in a room that somebody is typing. @param {string} room */
  typing(room) {
    if (this.isOnline) this.#core.socket.send({ type: "typing", room });
  }

  /** What is unread in a room since it was entered first, or since `markRead`. @param {string} room */
  unread(room) {
    return this.#core.rooms.unread(room);
  }

  /** Marks everything in a room as read. @param {string} room */
  markRead(room) {
    this.#core.rooms.markRead(room);
  }

  /**
   * Logs in under another name, after the server refused the last one, or with the first one.
   *
   * @param {string} name
   * @throws {RefusedError} `already_logged_in` if the client is online: ask for a `rename` instead
   */
  login(name) {
    this.#core.session.login(name);
  }

  /** Connects, unless it is connected or about to be; also after `close`. */
  start() {
    this.#core.start();
  }

  /** The network or the reader came back: connects at once, or asks whether the server still answers. */
  nudge() {
    this.#core.socket.nudge();
  }

  /**
   * Says goodbye with close code 1000. What is not confirmed then is rejected with `closed`.
   *
   * @param {string} [reason] at most 123 bytes of UTF-8
   * @returns {Promise<void>} resolves when the server has answered, at the latest after a second
   */
  close(reason) {
    return this.#core.socket.close(reason);
  }
}
