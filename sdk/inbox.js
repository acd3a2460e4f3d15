/**
 * What each message of the server does to the client, before its listeners are called: every
 * message of a room reaches them once and in order, and answers go to the caller of `ask`.
 *
 * @module
 */
import { isChange } from "./changes.js";
import { RefusedError } from "./errors.js";
import { Gaps } from "./gaps.js";
import { directKey, mentions } from "./names.js";

/** @typedef {import("../protocol/messages.ts").ServerMessage} ServerMessage */
/** @typedef {import("../protocol/messages.ts").UserMessage} UserMessage */
/** @typedef {import("../protocol/messages.ts").History} History */
/** @typedef {import("../protocol/messages.ts").Handshake} Handshake */
/** @typedef {import("../protocol/messages.ts").Presence} Presence */
/** @typedef {import("../protocol/messages.ts").ErrorMessage} ErrorMessage */

/** Messages in a page that is read to fill a gap: the most that the server gives. */
const PAGE = 200;

/** Message types that only concern the caller of `ask`. @type {ReadonlySet<string>} */
const ANSWERS = new Set(["history", "search", "rooms", "users", "pong"]);

/**
 * @typedef {object} InboxParts
 * @property {import("./session.js").Session} session
 * @property {import("./requests.js").Requests} requests
 * @property {import("./send_queue.js").SendQueue} queue
 * @property {import("./rooms.js").Rooms} rooms
 * @property {import("./entries.js").Entries} entries
 * @property {import("./reading.js").Reading} reading
 * @property {import("./people.js").People} people
 * @property {import("./page_watches.js").PageWatches} pages
 * @property {import("./memberships.js").Memberships} memberships
 * @property {() => void} loggedIn called once the answer to the login has been taken in
 * @property {boolean} entersMemberships whether every room is entered that the user is a member of
 * @property {import("./emitter.js").Emitter<import("./types.js").Events>} events
 * @property {(error: ErrorMessage) => void} loginRefused
 */

export class Inbox {
  #parts;
  #gaps;
  /** Of the last server; empty before the first. */
  #epoch;

  /**
   * @param {InboxParts} parts
   * @param {string} epoch of the server that an earlier run knew; empty if there was none
   */
  constructor(parts, epoch) {
    this.#parts = parts;
    this.#epoch = epoch;
    this.#gaps = new Gaps({
      read: async (room, after) => {
        const page = await parts.requests.ask({ type: "history", room, after, limit: PAGE });
        if (page.type !== "history") throw new Error(`Cannot read history: got ${page.type}`);
        return page;
      },
      last: (room) => parts.rooms.last(room),
      deliver: (message) => this.#deliver(message),
      giveUp: (room) => {
        parts.rooms.claimAgain(room);
        parts.entries.enterAll();
      },
    });
  }

  /** @param {ServerMessage} message */
  take(message) {
    this.#parts.people.learn(message);
    this.#parts.pages.see(message);
    const isAnswer = this.#parts.requests.answer(message);
    if (message.type === "error") return isAnswer ? undefined : this.#refused(message);
    if (isAnswer && message.type === "history") this.#confirm(message.messages);
    if (isAnswer && ANSWERS.has(message.type)) return;
    // Our own changes keep the order of the others; what lets us in somewhere waits for nothing.
    const mayWait = !isAnswer || isChange(message);
    if (!mayWait || !this.#gaps.hold(message)) this.#deliver(message, isAnswer);
  }

  /** The connection broke, or a room was left. @param {string} [room] */
  lost(room) {
    this.#gaps.lost(room);
  }

  /**
   * @param {ServerMessage} message
   * @param {boolean} [isAnswer] whether it answers a request of this connection
   */
  #deliver(message, isAnswer = false) {
    const { memberships, queue, reading, rooms, session } = this.#parts;
    memberships.follow(message, this.#me);
    switch (message.type) {
      case "handshake":
        return this.#greeted(message);
      case "login":
        if (session.isLoginAnswer(message)) this.#loggedIn(message);
        else if (isAnswer) this.#entered(message.room, message.id);
        break;
      case "logout":
        if (message.by === this.#me) this.#left(message.room);
        break;
      case "rename":
        this.#renamed(message);
        break;
      case "create":
      case "invite":
      case "remove":
        this.#membershipChanged(message, isAnswer);
        break;
      case "read":
        reading.follow(message);
        break;
      case "user":
      case "file":
        return this.#said(message);
      case "edit":
      case "delete":
      case "react":
        if (!rooms.seeChange(message)) return;
        break;
      case "direct":
        queue.confirm(message);
        break;
      case "history":
        return this.#caughtUp(message);
    }
    this.#tell(message);
  }

  /** Our own id; empty before the first login. */
  get #me() {
    return this.#parts.session.user?.id ?? "";
  }

  /** @param {Handshake} handshake */
  #greeted(handshake) {
    const { epoch } = handshake;
    const { events, queue, reading, rooms } = this.#parts;
    if (this.#epoch !== "" && this.#epoch !== epoch) {
      reading.clear();
      rooms.deleteDirect({ untold: true });
      queue.reset();
      events.emit("reset", epoch);
    }
    this.#epoch = epoch;
    this.#tell(handshake);
    this.#parts.session.greeted(handshake);
  }

  /** @param {Presence} presence */
  #loggedIn(presence) {
    const { entries, memberships, reading, rooms, session } = this.#parts;
    if (session.accepted(presence)) {
      reading.clear();
      rooms.deleteDirect();
    }
    memberships.set(presence.rooms);
    reading.seed(memberships.list);
    rooms.returned(memberships.list);
    for (const { room } of memberships.list) {
      this.#wantMembership(room);
      if (rooms.isEntered(room)) entries.entered(room);
    }
    this.#entered(presence.room, presence.id);
    this.#parts.loggedIn();
  }

  /**
   * The server let us into a room that we have asked for.
   *
   * @param {string} room
   * @param {string | undefined} id of the request
   */
  #entered(room, id) {
    const { entries, memberships, queue, rooms } = this.#parts;
    if (room.startsWith("@")) rooms.open(room);
    rooms.setEntered(room);
    memberships.add(room);
    entries.entered(room);
    entries.claimed(room, id);
    queue.pump();
  }

  /** The user has left a room, here or on another device, and so with all connections. @param {string} room */
  #left(room) {
    const { entries, memberships, reading, rooms } = this.#parts;
    // It may have been joined again meanwhile.
    if (!rooms.isEntered(room)) return;
    memberships.delete(room);
    reading.delete(room);
    this.#gaps.lost(room);
    entries.forget(room, new RefusedError("closed", "Cannot join: the room was left"));
  }

  /** @param {string} room */
  #wantMembership(room) {
    if (this.#parts.entersMemberships && !room.startsWith("@")) this.#parts.rooms.add(room);
  }

  /** @param {import("../protocol/messages.ts").Rename} rename */
  #renamed({ by, from, content }) {
    const { queue, session } = this.#parts;
    if (by === this.#me) session.renamed(content);
    queue.move(directKey(from), directKey(content), content);
  }

  /**
   * @param {import("../protocol/messages.ts").Create | import("../protocol/messages.ts").Membership} message
   * @param {boolean} isAnswer
   */
  #membershipChanged(message, isAnswer) {
    const { entries, reading, rooms } = this.#parts;
    const { room } = message;
    if (message.type === "create") {
      if (isAnswer) rooms.create(room);
      return;
    }
    if (message.user.id !== this.#me) return;
    if (message.type === "invite") {
      this.#wantMembership(room);
      return entries.enterAll();
    }
    this.#gaps.lost(room);
    reading.delete(room);
    entries.forget(room, new RefusedError("forbidden", "Cannot join: removed from the room"));
  }

  /** @param {UserMessage} message */
  #said(message) {
    const { memberships, queue, rooms } = this.#parts;
    queue.confirm(message);
    if (message.room.startsWith("@") && !rooms.has(message.room)) {
      rooms.hear(message.room, message.seq - 1);
      memberships.add(message.room);
    }
    const seen = rooms.see(message);
    if (seen === "gap") void this.#gaps.fill(message);
    if (seen !== "new") return;
    this.#tell(message);
    this.#count(message, false);
  }

  /** @param {History} answer to a claim */
  #caughtUp(answer) {
    this.#confirm([...answer.messages, ...answer.changed ?? []]);
    const { entries, events, reading, rooms } = this.#parts;
    const caughtUp = rooms.catchUp(entries.caughtUp(answer));
    if (!caughtUp) return this.#tell(answer);
    const { history, resumed, restarted, before, isMissed } = caughtUp;
    const { room, messages, changed = [] } = history;
    if (resumed) reading.start(room, before);
    else this.#startOver(caughtUp);
    entries.settle(room, !restarted);
    if (restarted) events.emit("restart", { room });
    this.#tell(history);
    if (resumed && changed.length > 0) events.emit("changed", { room, messages: changed });
    for (const message of messages) {
      if (isMissed(message)) this.#count(message, true);
      // The server has not counted those that came after the login.
      else reading.receive(message, this.#about(message, true));
    }
  }

  /** @param {import("./rooms.js").CaughtUp} caughtUp */
  #startOver({ history: { room, messages }, restarted, renumbered }) {
    const { memberships, reading, rooms } = this.#parts;
    const end = rooms.last(room);
    if (restarted) reading.restart(room, end, renumbered ? memberships.get(room) : undefined);
    // A page without messages does not tell how far the room was read: everything may have been removed.
    else reading.start(room, end, messages.length > 0 ? end : Infinity);
  }

  /**
   * @param {UserMessage} message one that was not seen before
   * @param {boolean} missed whether it was said while the connection was broken
   */
  #count(message, missed) {
    const about = this.#about(message, missed);
    this.#parts.reading.receive(message, about);
    this.#parts.events.emit("message", message, about);
  }

  /**
   * @param {UserMessage} message
   * @param {boolean} missed
   * @returns {import("./types.js").About}
   */
  #about({ by, content }, missed) {
    const own = by !== undefined && by === this.#me;
    return { missed, own, mention: !own && mentions(content, this.#parts.session.name) };
  }

  /** @param {UserMessage[]} messages */
  #confirm(messages) {
    for (const message of messages) this.#parts.queue.confirm(message, { isRead: true });
  }

  /** @param {ErrorMessage} error */
  #refused(error) {
    const { entries, queue, session, loginRefused } = this.#parts;
    if (session.isLoginAnswer(error)) return loginRefused(error);
    if (!entries.failed(error) && !queue.refuse(error)) this.#tell(error);
  }

  /** @param {ServerMessage} message */
  #tell(message) {
    const { events } = this.#parts;
    events.emit("event", message);
    // The type of a message is the name of its event; the compiler cannot follow that for a union.
    events.emit(message.type, /** @type {any} */ (message));
  }
}
