/**
 * What each message of the server does to the client, before its listeners are called: every
 * message of a room reaches them once and in order, and answers go to the caller of `ask`.
 *
 * @module
 */
import { Gaps } from "./gaps.js";
import { directKey, mentions, sameName } from "./names.js";
import { readUpTo, received } from "./unread.js";

/** @typedef {import("../protocol/messages.ts").ServerMessage} ServerMessage */
/** @typedef {import("../protocol/messages.ts").UserMessage} UserMessage */
/** @typedef {import("../protocol/messages.ts").History} History */
/** @typedef {import("../protocol/messages.ts").Handshake} Handshake */
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
      giveUp: (message) => {
        const { room, seq } = message;
        parts.events.emit("gap", { room, after: parts.rooms.last(room), before: seq });
        parts.rooms.skipTo(message);
      },
    });
  }

  /** @param {ServerMessage} message */
  take(message) {
    const isAnswer = this.#parts.requests.answer(message);
    if (message.type === "error") return isAnswer ? undefined : this.#refused(message);
    if (isAnswer && message.type === "history") this.#confirm(message.messages);
    if (isAnswer && ANSWERS.has(message.type)) return;
    if (isAnswer || !this.#gaps.hold(message)) this.#deliver(message);
  }

  /** The connection broke, or a room was left. @param {string} [room] */
  lost(room) {
    this.#gaps.lost(room);
  }

  /** @param {ServerMessage} message */
  #deliver(message) {
    const { queue, rooms, session } = this.#parts;
    switch (message.type) {
      case "handshake":
        return this.#greeted(message);
      case "login":
        this.#entered(message);
        break;
      case "logout":
        if (sameName(message.from, session.name)) rooms.setEntered(message.room, false);
        break;
      case "rename":
        if (sameName(message.from, session.name)) session.name = message.content;
        queue.move(directKey(message.from), directKey(message.content), message.content);
        break;
      case "user":
      case "file":
        return this.#said(message);
      case "direct":
        queue.confirm(message);
        break;
      case "history":
        return this.#caughtUp(message);
    }
    this.#tell(message);
  }

  /** @param {Handshake} handshake */
  #greeted(handshake) {
    const { epoch } = handshake;
    if (this.#epoch !== "" && this.#epoch !== epoch) this.#parts.events.emit("reset", epoch);
    this.#epoch = epoch;
    this.#tell(handshake);
    this.#parts.session.greeted(handshake);
  }

  /** @param {import("../protocol/messages.ts").Presence} presence */
  #entered(presence) {
    const { queue, rooms, session } = this.#parts;
    const { from, room } = presence;
    const isLogin = session.isLoginAnswer(presence);
    if (!isLogin && !sameName(from, session.name)) return;
    rooms.setEntered(room, true);
    session.entered(room);
    if (isLogin) {
      session.accepted(from);
      queue.start();
    } else queue.pump();
  }

  /** @param {UserMessage} message */
  #said(message) {
    this.#parts.queue.confirm(message);
    const seen = this.#parts.rooms.see(message);
    if (seen === "gap") void this.#gaps.fill(message);
    if (seen !== "new") return;
    this.#tell(message);
    this.#count(message, false);
  }

  /** @param {History} answer to a claim */
  #caughtUp(answer) {
    this.#confirm(answer.messages);
    const caughtUp = this.#parts.rooms.catchUp(answer);
    if (!caughtUp) return this.#tell(answer);
    const { history, resumed, before } = caughtUp;
    this.#tell(history);
    if (!resumed) return;
    const { room, first, complete } = history;
    if (!complete && first > before + 1) {
      this.#parts.events.emit("gap", { room, after: before, before: first });
    }
    for (const message of history.messages) this.#count(message, true);
  }

  /**
   * @param {UserMessage} message one that was not seen before
   * @param {boolean} missed whether it was said while the connection was broken
   */
  #count(message, missed) {
    const { events, rooms, session } = this.#parts;
    const { room, from, seq, content } = message;
    const unread = rooms.unread(room);
    const mention = mentions(content, session.name);
    const isOwn = sameName(from, session.name);
    rooms.setUnread(
      room,
      isOwn ? readUpTo(seq) : received(unread, { seq, mention }, false),
    );
    events.emit("message", message, { missed, own: isOwn, mention: mention && !isOwn });
  }

  /** @param {UserMessage[]} messages */
  #confirm(messages) {
    for (const message of messages) this.#parts.queue.confirm(message);
  }

  /** @param {ErrorMessage} error */
  #refused(error) {
    const { queue, session, loginRefused } = this.#parts;
    if (session.isLoginAnswer(error)) loginRefused(error);
    else if (!queue.refuse(error)) this.#tell(error);
  }

  /** @param {ServerMessage} message */
  #tell(message) {
    const { events } = this.#parts;
    events.emit("event", message);
    // The type of a message is the name of its event; the compiler cannot follow that for a union.
    events.emit(message.type, /** @type {any} */ (message));
  }
}
