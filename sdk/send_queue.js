/**
 * Messages that were said and are not confirmed yet. Of each conversation only one is under way at a
 * time, so that neither a refusal nor a broken connection can change their order. Each is sent again
 * under the same `id`, its idempotency key, until the server has answered, and the server makes one
 * message of it.
 *
 * @module
 */
import { isTemporary, RefusedError } from "./errors.js";

/** @typedef {import("../protocol/messages.ts").UserMessage} UserMessage */
/** @typedef {import("../protocol/messages.ts").Direct} Direct */
/** @typedef {import("../protocol/messages.ts").ErrorMessage} ErrorMessage */
/** @typedef {import("../protocol/requests.ts").ClientRequest} ClientRequest */
/** @typedef {import("./types.js").Unsent} Unsent */

/** Refusals of an `id`, not of what was said: with another one it may be said. */
const USED_ID = "conflict";

/** Wait after a temporary refusal without `retry_ms`, in milliseconds. */
const RETRY_MS = 2_000;

/**
 * @typedef {object} QueueOptions
 * @property {(request: ClientRequest) => boolean} send false if there is no connection
 * @property {(key: string) => boolean} isReady whether a conversation can take messages now
 * @property {(item: Unsent, error: RefusedError) => void} failed called with each message that was refused for good
 * @property {import("./pacer.js").Pacer} pacer
 * @property {import("./environment.js").Environment} environment
 * @property {import("./types.js").Persistence | undefined} persistence
 */

/**
 * - `add` queues without bound: callers that add in a loop must await the promises;
 * - nothing is sent until `start` says that the server listens, nor after `lost`.
 */
export class SendQueue {
  #options;
  /** @type {Unsent[]} */
  #items;
  /** Pending promises, by message id. @type {Map<string, { resolve: (kept: any) => void, reject: (error: RefusedError) => void }>} */
  #waiting = new Map();
  /** Conversation → id of the message that is under way in it. @type {Map<string, string>} */
  #underWay = new Map();
  /** Ids of messages that the server may or may not have kept, and that are to be sent again. @type {Set<string>} */
  #unsure = new Set();
  #started = false;
  /** Id of the user that speaks; empty before the first login. */
  #author = "";
  /** Nothing is sent before, after a temporary refusal: milliseconds since 1970. */
  #pausedUntil = 0;
  #cancelTimer = () => {};

  /** @param {QueueOptions} options */
  constructor(options) {
    this.#options = options;
    this.#items = options.persistence?.items ?? [];
  }

  /** How many messages are neither confirmed nor refused. */
  get size() {
    return this.#items.filter(({ state }) => state === "waiting").length;
  }

  /** What is not confirmed in a conversation, in order. @param {string} key */
  of(key) {
    return this.#items.filter((item) => item.key === key);
  }

  /**
   * @param {Unsent} item
   * @returns {Promise<UserMessage | Direct>} what the server made of it
   * @throws {RefusedError} (as a rejection) if the server refuses it for good
   */
  add(item) {
    const kept = new Promise((resolve, reject) => {
      this.#waiting.set(item.id, { resolve, reject });
    });
    // A caller that does not await the promise must not crash on its rejection.
    kept.catch(() => {});
    this.#change([...this.#items, item]);
    this.pump();
    return kept;
  }

  /**
   * The server listens from now on. What it may have heard from another user is not said again: it would
   * not be recognised as the same.
   *
   * @param {import("../protocol/messages.ts").UserId} author
   */
  start(author) {
    this.#started = true;
    this.#author = author;
    this.#pausedUntil = 0;
    const isForeign = (/** @type {Unsent} */ { state, by }) =>
      state === "waiting" && by !== undefined && by !== author;
    for (const item of this.#items.filter(isForeign)) {
      this.#fail(item, lost("somebody else said it"));
    }
    this.pump();
  }

  /** The server has other data: it kept nothing of what was under way. */
  reset() {
    this.#change(this.#items.map(({ by: _, ...item }) => item));
  }

  /** Forgets everything. @param {RefusedError} error what pending promises reject with */
  clear(error) {
    this.abandon(error);
    this.#change([]);
  }

  /** Sends what can be sent now. To be called when a conversation has become ready. */
  pump() {
    this.#cancelTimer();
    if (!this.#started) return;
    const { isReady, pacer, environment, send } = this.#options;
    for (const item of this.#items) {
      if (item.state !== "waiting" || this.#underWay.has(item.key) || !isReady(item.key)) continue;
      const wait = Math.max(pacer.wait, this.#pausedUntil - environment.now());
      if (wait > 0) {
        this.#cancelTimer = environment.later(() => this.pump(), wait);
        return;
      }
      if (!send(requestOf(item))) return;
      pacer.spend();
      this.#underWay.set(item.key, item.id);
      if (item.by !== this.#author) this.#replace(item.id, (old) => ({ ...old, by: this.#author }));
    }
  }

  /**
   * The server has a message. Messages that are not in this queue are ignored, and so are those of others that
   * have the same id.
   *
   * @param {UserMessage | Direct} message as it came, live or in a page of history
   * @param {{ isRead?: boolean }} [options] `isRead`: in a page of history, where an earlier message may have the
   * same id: the server's answer tells
   */
  confirm(message, { isRead = false } = {}) {
    const item = this.#items.find(({ id }) => id === message.id);
    if (!item || (isRead && !saysSame(item, message))) return;
    if (message.by !== undefined && message.by !== (item.by ?? this.#author)) return;
    this.#release(item);
    this.#change(this.#items.filter((other) => other !== item));
    this.#settle(item.id)?.resolve(message);
    this.pump();
  }

  /**
   * @param {ErrorMessage} error
   * @returns {boolean} whether it was about a message of this queue
   */
  refuse({ id, code, content, retry_ms }) {
    const item = this.#items.find((candidate) => candidate.id === id);
    if (!item) return false;
    if (isTemporary(code)) {
      const { environment, pacer } = this.#options;
      if (code === "rate_limited") pacer.empty();
      else this.#unsure.add(item.id);
      this.#release(item);
      this.#pausedUntil = environment.now() + (retry_ms ?? RETRY_MS);
      this.pump();
    } else {
      this.#fail(item, new RefusedError(code, content, retry_ms));
      this.pump();
    }
    return true;
  }

  /**
   * Sends a failed message again; under another id, if it failed because the server has another message
   * under this one.
   *
   * @param {string} id
   */
  retry(id) {
    const { newId } = this.#options.environment;
    this.#replace(id, ({ problem, detail: _why, by: _, ...item }) => ({
      ...item,
      id: problem === USED_ID ? newId() : item.id,
      state: "waiting",
    }));
    this.pump();
  }

  /** Forgets a message. If it is under way, the server may keep it all the same. @param {string} id */
  discard(id) {
    const item = this.#items.find((candidate) => candidate.id === id);
    if (!item) return;
    this.#release(item);
    this.#change(this.#items.filter((other) => other !== item));
    this.#settle(id)?.reject(new RefusedError("closed", "Cannot send: the message was discarded"));
    this.pump();
  }

  /**
   * A conversation has another key from now on, and its person another name.
   *
   * @param {string} from
   * @param {string} key
   * @param {string} to
   */
  move(from, key, to) {
    const isMeant = (/** @type {Unsent} */ item) => item.key === from && item.type === "direct";
    if (!this.#items.some(isMeant)) return;
    this.#change(this.#items.map((item) => isMeant(item) ? { ...item, key, to } : item));
    const id = this.#underWay.get(from);
    this.#underWay.delete(from);
    if (id !== undefined) this.#underWay.set(key, id);
  }

  /**
   * The connection broke: what was under way is sent again after the next `start`. Not so messages to a
   * name, which may be somebody else's by then.
   */
  lost() {
    this.#started = false;
    this.#cancelTimer();
    const unsure = new Set([...this.#underWay.values(), ...this.#unsure]);
    this.#underWay.clear();
    this.#unsure.clear();
    const isLost = (/** @type {Unsent} */ { id, type, state }) =>
      type === "direct" && state === "waiting" && unsure.has(id);
    for (const item of this.#items.filter(isLost)) {
      this.#fail(item, lost("the connection broke"));
    }
  }

  /** Rejects every pending promise. Persistent messages stay for the next run. @param {RefusedError} error */
  abandon(error) {
    this.lost();
    if (!this.#options.persistence) this.#items = [];
    const waiting = [...this.#waiting.values()];
    this.#waiting.clear();
    for (const { reject } of waiting) reject(error);
  }

  /**
   * @param {Unsent} item
   * @param {RefusedError} error
   */
  #fail(item, error) {
    this.#release(item);
    if (this.#options.persistence) {
      const { code: problem, message: detail } = error;
      this.#replace(item.id, (old) => ({ ...old, state: "failed", problem, detail }));
    } else {
      this.#change(this.#items.filter((other) => other !== item));
    }
    this.#settle(item.id)?.reject(error);
    this.#options.failed(item, error);
  }

  /** @param {Pick<Unsent, "id" | "key">} item */
  #release({ id, key }) {
    if (this.#underWay.get(key) === id) this.#underWay.delete(key);
  }

  /** @param {string} id */
  #settle(id) {
    const waiting = this.#waiting.get(id);
    this.#waiting.delete(id);
    return waiting;
  }

  /**
   * @param {string} id
   * @param {(item: Unsent) => Unsent} change
   */
  #replace(id, change) {
    this.#change(this.#items.map((item) => item.id === id ? change(item) : item));
  }

  /** @param {Unsent[]} items */
  #change(items) {
    this.#items = items;
    this.#options.persistence?.save(items);
  }
}

/** @param {string} why */
function lost(why) {
  return new RefusedError("lost", `Cannot tell whether the message arrived: ${why}; say it again`);
}

/**
 * Whether a message is what was said, as far as can be told once it is edited or deleted.
 *
 * @param {Unsent} item
 * @param {UserMessage | Direct} message
 */
function saysSame({ type, content }, message) {
  if (message.type === "direct") return content === message.content;
  if (message.deleted || message.edited !== undefined) return true;
  return content === (type === "file" ? message.file?.id : message.content);
}

/**
 * @param {Unsent} item
 * @returns {ClientRequest}
 */
function requestOf({ id, key, type, content, to, replyTo }) {
  if (type === "direct") return { type, to: to ?? key.slice(1), content, id };
  if (type === "file" || replyTo === undefined) return { type, room: key, content, id };
  return { type, room: key, content, id, reply_to: replyTo };
}
