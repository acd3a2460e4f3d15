/**
 * The client that `hubbub.js` hands out, put together from its parts.
 *
 * @module
 */
import { CLOSE_SESSION_ENDED } from "./backoff.js";
import { Core } from "./core.js";
import { RefusedError } from "./errors.js";
import { ask } from "./http.js";
import { directKey } from "./names.js";
import { Questions } from "./questions.js";

/** @typedef {import("../protocol/messages.ts").UserMessage} UserMessage */
/** @typedef {import("../protocol/messages.ts").User} User */
/** @typedef {import("../protocol/messages.ts").MembershipEntry} MembershipEntry */
/** @typedef {import("../protocol/requests.ts").UserReference} UserReference */
/** @typedef {import("./types.js").Events} Events */
/** @typedef {import("./types.js").Position} Position */
/** @typedef {import("./types.js").Unsent} Unsent */
/** @typedef {import("./types.js").ClientOptions} ClientOptions */
/** @typedef {import("./backoff.js").ConnectionState} ConnectionState */

/** One client of a user of a server, over as many connections as it takes. {@linkcode connect} makes one. */
export class HubbubClient extends Questions {
  #core;
  /** @type {import("../protocol/messages.ts").Limits | undefined} */
  #limits;

  /**
   * @param {string | URL} address
   * @param {ClientOptions} options
   * @throws {TypeError}
   */
  constructor(address, options) {
    const core = new Core(address, options);
    super((question) => core.ask(question));
    this.#core = core;
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

  /** Who the client is; undefined before its login, and once its session has ended. */
  get user() {
    return this.#core.session.user;
  }

  /**
   * Secret: what proves on another connection, and over HTTP, who the client is, to be given to the next
   * run as the option `session`. Empty before the login, and where only the page's cookie proves it.
   */
  get session() {
    return this.#core.session.secret;
  }

  /** Whether the client has stopped because its session is over. */
  get isSignedOut() {
    return this.state.phase === "stopped" && this.state.code === CLOSE_SESSION_ENDED;
  }

  /** The rooms that the client is in, or enters as soon as it can, without direct conversations. */
  get rooms() {
    return this.#core.rooms.names.filter((room) => !room.startsWith("@"));
  }

  /** The direct conversations that the client knows of: `@ID` of the other one. */
  get conversations() {
    return this.#core.rooms.names.filter((room) => room.startsWith("@"));
  }

  /**
   * The rooms and direct conversations that the user is a member of, whether this client is in them or
   * not, with what is unread in them now. Empty for a guest that is not remembered.
   *
   * @returns {MembershipEntry[]}
   */
  get memberships() {
    const { memberships, reading, rooms } = this.#core;
    return memberships.list.map((entry) => {
      const { read, count, mentions } = reading.unread(entry.room);
      const last = Math.max(entry.last, reading.counted(entry.room), rooms.last(entry.room));
      return { ...entry, last, read, unread: count, mentions };
    });
  }

  /**
   * What a user is called now, as far as the server has told.
   *
   * @param {string | undefined} id `by` of a message
   * @param {string} [fallback] such as `from` of the message
   */
  nameOf(id, fallback) {
    return this.#core.people.nameOf(id, fallback);
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
   * Says something in a room, or to the other one of a direct conversation (`@ID`), now or as soon as there is a connection.
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
   * Says something to one person only.
   *
   * @param {UserReference} to `@ID`, a name, or `#NUMBER` for a connection
   * @param {string} content
   * @returns {Promise<UserMessage>} the message as the server keeps it, in the room `@ID`
   * @throws {RefusedError} (as a rejection) as `say`; of a name or number also `lost` if the connection
   * broke meanwhile, because they may be somebody else's after it
   */
  tell(to, content) {
    if (to.startsWith("@")) return this.say(to, content);
    return this.send({ key: directKey(to), type: "direct", content, to });
  }

  /**
   * Uploads a file, to be announced.
   *
   * @param {string} name
   * @param {BodyInit} body
   * @param {{ signal?: AbortSignal }} [options]
   * @returns {Promise<import("../protocol/messages.ts").FileInfo>}
   * @throws {RefusedError} (as a rejection) if the server refuses it; `offline` if it cannot be reached
   */
  upload(name, body, { signal } = {}) {
    const { session } = this;
    const url = this.#core.url(`files?name=${encodeURIComponent(name.toWellFormed())}`);
    return ask(this.#core.environment.fetch, url, { method: "POST", session, body, signal });
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
   * Enters a room, now or as soon as there is a connection, and again after each break.
   *
   * @param {string} room
   * @param {Partial<Position>} [position] how far an earlier run of the program had seen it: what
   * `position` told then. What came since is told as missed
   * @returns {Promise<void>} resolves when the server has let the client in
   * @throws {RefusedError} (as a rejection) if the server refuses it, or the room is left before
   */
  join(room, position) {
    return this.#core.entries.join(room, position);
  }

  /**
   * How far a room has been seen, to be kept and given to `join` by the next run of the program. Undefined
   * before the room's history has come, and if something is missing in what was told: the next run then
   * starts the room over.
   *
   * @param {string} room
   * @returns {Position | undefined}
   */
  position(room) {
    return this.#core.rooms.position(room);
  }

  /**
   * Leaves a room for good, and is no member of it any more. A direct conversation is only forgotten.
   *
   * @param {string} room
   */
  leave(room) {
    const { entries, inbox, memberships, reading } = this.#core;
    inbox.lost(room);
    entries.leave(room);
    memberships.delete(room);
    reading.delete(room);
  }

  /**
   * Opens the direct conversation with somebody. What they say arrives without it; this brings the newest
   * page, as `history`.
   *
   * @param {UserReference | Pick<User, "id">} user
   * @returns {Promise<string>} its room: `@` and their id
   * @throws {RefusedError} (as a rejection) `no_such_user`; `offline` for a name while there is no
   * connection
   */
  async direct(user) {
    const reference = typeof user === "string" ? user : `@${user.id}`;
    if (reference.startsWith("@")) {
      await this.join(reference);
      return reference;
    }
    return this.#core.entries.open(`@${reference}`);
  }

  /** Enters this room before the others after a break. @param {string} room */
  prefer(room) {
    this.#core.rooms.prefer(room);
  }

  /** Tells the others in a room that somebody is typing. @param {string} room */
  typing(room) {
    if (this.isOnline) this.#core.socket.send({ type: "typing", room });
  }

  /**
   * What is unread in a room: as the server counted it at the login, with what came since; for a guest
   * that is not remembered, since it entered the room first.
   *
   * @param {string} room
   */
  unread(room) {
    return this.#core.reading.unread(room);
  }

  /**
   * Says that the user has read a room up to a message. Never goes back. The user's other clients are
   * told, about once a second at most.
   *
   * @param {string} room
   * @param {number} [seq] by default, of the newest message
   */
  markRead(room, seq) {
    const { reading, rooms } = this.#core;
    reading.mark(room, seq ?? Math.max(rooms.last(room), reading.counted(room)));
  }

  /**
   * Logs in under another name, after the server refused the last one, or with the first one. A user whom
   * a session or a cookie tells is renamed by that.
   *
   * @param {string} [name] by default, as who the client is
   * @throws {RefusedError} `already_logged_in` if the client is online: ask for a `rename` instead
   */
  login(name) {
    if (this.isOnline) {
      const problem = `Cannot log in: already logged in as ${this.name}; ask for a rename`;
      throw new RefusedError("already_logged_in", problem);
    }
    this.#core.session.login(name);
  }

  /**
   * Becomes somebody else: closes the connection, forgets who the client was with all that is unsent,
   * and connects anew. A page calls it without a session when its cookie has changed.
   *
   * @param {{ session?: string, name?: string }} [who] `session`: its secret; `name`: of a new guest
   * @returns {Promise<void>} resolves when it connects
   */
  become(who = {}) {
    return this.#core.become(who);
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
    return this.#core.close(reason);
  }
}
